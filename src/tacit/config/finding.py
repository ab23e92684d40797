"""What the doctor found: one line for each thing it looked at."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Grade(enum.Enum):
    FINE = "✓"
    NOTE = "·"
    WRONG = "✗"


GRADES = {True: Grade.FINE, None: Grade.NOTE, False: Grade.WRONG}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was looked at, how it is and, unless fine, the way out."""

    grade: Grade
    subject: str
    words: str

    @property
    def wrong(self) -> bool:
        return self.grade is Grade.WRONG

    def line(self) -> str:
        return f"{self.grade.value} {self.subject}: {self.words}"
