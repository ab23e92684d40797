"""What goes over the wire, in and out. Shapes only translate; no rule lives here."""
