"""Build the site: the executed lessons of both languages, the guides and the API, as pages that need no server.

`make site` writes build/site; `python -m docs.builder 00 02` leaves out all other lessons. `main` in `__main__.py` has the
steps. What is slow, running the lessons and recording their explorers, is cached in build/site-cache.
"""
