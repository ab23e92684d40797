"""Every profile there is, by name."""

from __future__ import annotations

from tacit.connectors.order_files.profile import Profile
from tacit.connectors.order_files.uci_online_retail import UCI_ONLINE_RETAIL

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (UCI_ONLINE_RETAIL,)}
