"""`servestatic report`: what a site ships, as a page, as lines in a terminal, and as JSON.

`gather` makes the values of `data`; `layout` and `html` draw them, `terminal` prints them, `show` does as asked.
"""
