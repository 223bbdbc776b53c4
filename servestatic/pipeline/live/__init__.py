"""How are sources followed that change? What is known of them is brought up to date on demand.

`listing` knows which files exist, `state` what is in them; `rescan` checks everything now and then, off the request.
"""
