"""What serve.py is made of: servers, the applications in them, the load, the figures."""
