"""When to stop trying: a fragment that failed again and again rests, and is then tried by one request.

Each process has its own breakers; none asks the others. The time (monotonic seconds) is passed in.
"""

from __future__ import annotations

import threading
from collections import deque

FAILURES = 3
WINDOW_SECONDS = 30.0
REST_SECONDS = 15.0


class Breaker:
    """Opens after FAILURES within WINDOW_SECONDS, for REST_SECONDS; then one probe decides."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: deque[float] = deque(maxlen=FAILURES)
        self._rests_until: float | None = None

    @property
    def is_open(self) -> bool:
        return self._rests_until is not None

    def lets(self, now: float) -> bool:
        """Whether to try. While open: False, but for one caller after the rest; should its answer never
        come, one more after another rest."""
        with self._lock:
            if self._rests_until is None:
                return True
            if now < self._rests_until:
                return False
            self._rests_until = now + REST_SECONDS
            return True

    def succeeded(self) -> bool:
        """It worked. True when that closed an open breaker."""
        with self._lock:
            closed = self._rests_until is not None
            self._rests_until = None
            if closed:
                self._failed.clear()
            return closed

    def failed(self, now: float) -> bool:
        """It did not work. True when that opened a closed breaker."""
        with self._lock:
            self._failed.append(now)
            if self._rests_until is not None:  # the probe failed, or one that began before the breaker opened
                self._rests_until = now + REST_SECONDS
                return False
            if len(self._failed) < FAILURES or now - self._failed[0] > WINDOW_SECONDS:
                return False
            self._rests_until = now + REST_SECONDS
            return True
