"""English as the second language of the pages.

Templates and Python sentences stay Chinese and unmarked. `sources` takes every template apart as it is loaded and
puts the English words of the catalogue in; what Python hands to a template is translated as it is written down.
The words are the TOML files of `words/`, keyed by the Chinese text. What the catalogue does not hold is data: names
of people, firms and schools, titles of laws, sentences of registers. It stays as it is, marked `lang="zh"`.
"""

from api.pages.english.catalogue import Catalogue, is_chinese
from api.pages.english.environment import english_environment
from api.pages.english.files import catalogue_of, labels_of

__all__ = ["Catalogue", "catalogue_of", "english_environment", "is_chinese", "labels_of"]
