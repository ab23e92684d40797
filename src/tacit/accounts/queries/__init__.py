"""Reading people."""

from tacit.accounts.queries.people import browser_mark, person

__all__ = ["browser_mark", "person"]
