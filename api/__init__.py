"""The entry points: HTTP service, pages and command line."""
