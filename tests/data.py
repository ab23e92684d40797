"""The real data that some tests need: beside the checkout, never in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def real(name: str) -> Path:
    """The file or folder called ``name``. Without it the test is skipped, or fails where CI=true."""
    path = FOLDER / name
    if not path.exists():
        message = f"../shared/data/{name} is not there"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
