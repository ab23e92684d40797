"""Order history from a file: ``tacit import orders``. A new kind of file is one more profile."""
