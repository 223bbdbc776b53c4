"""How does work run beside requests, and what is logged of it?"""
