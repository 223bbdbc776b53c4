"""How does work run beside requests, what is logged of it, and is the package whole?"""
