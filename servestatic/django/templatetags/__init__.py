"""Django's template tags: `{% load servestatic %}`."""
