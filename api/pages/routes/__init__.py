"""What is at which address: one module a group of pages, each with `routes(pages)`; `api/pages/router.py` lists them."""
