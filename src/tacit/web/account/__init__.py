"""Signing in, and what belongs to somebody who did."""
