"""Errors a person can understand and mend. No Django."""

from __future__ import annotations


class Refusal(Exception):
    """``field`` names the input, ``code`` the reason; the room's ``wording.explain`` makes a sentence of it.

    ``parameters`` fill the sentence.
    """

    def __init__(self, field: str, code: str, **parameters: object) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.parameters = parameters
