"""Following sources that change: what is known of them is brought up to date as far as somebody asks, when they ask.

`tree` knows which files there are, `rows` what they are, `rescans` looks at everything now and then, off the request.
"""
