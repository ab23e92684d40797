"""Every fragment there is. A new one is a file beside ``also.py`` and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from tacit.web.fragments.also import ALSO
from tacit.web.fragments.kinds import Fragment

FRAGMENTS: Mapping[str, Fragment] = {each.name: each for each in (ALSO,)}
