"""The scenes of the first-run page, the best first. A new one is a file here and a line below."""

from __future__ import annotations

from tacit.web.demo.scenes.late_payment import LATE_PAYMENT
from tacit.web.demo.scenes.lost_parcel import LOST_PARCEL
from tacit.web.demo.scenes.missing_room import MISSING_ROOM

SCENES = (LATE_PAYMENT, LOST_PARCEL, MISSING_ROOM)
