"""The Chromium that tests drive."""

from __future__ import annotations

import os
from pathlib import Path

CHROMIUM = Path(os.environ.get("TACIT_CHROMIUM", "/usr/bin/chromium"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
