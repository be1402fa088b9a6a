"""The pages: the documents of the JSON routes as HTML, without a script.

`routes` says what is at which address, `views` what stands on a page, `frame` what surrounds every page, `parts` holds
what several pages share; `english` is the second language. `templates` and `static` are what the browser gets.
"""
