"""The practice payment provider: a process of its own that behaves like a real one, and its adapter."""
