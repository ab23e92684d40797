"""What a demo does to itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class DemoClock(models.Model):
    """How far a demo's clock is ahead of the world: one row or none. Read and written in demos only."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    ahead_seconds = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="demo_clock_only_one", condition=Q(id=1)),
            models.CheckConstraint(
                name="demo_clock_ahead", condition=Q(ahead_seconds__gte=0, ahead_seconds__lte=366 * 86400)
            ),
        ]


class RoomTrouble(models.Model):
    """Trouble made in a room of a demo on purpose."""

    room = models.CharField(max_length=40, primary_key=True)
    slow_ms = models.IntegerField(default=0)
    dead = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="room_trouble_delay", condition=Q(slow_ms__gte=0, slow_ms__lte=10_000)
            ),
        ]
