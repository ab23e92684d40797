"""Products from and to a file: ``tacit import products`` and ``tacit export products``."""
