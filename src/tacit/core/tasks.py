"""Jobs every house needs: sending mail and webhooks, and taking up work whose worker died."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app

from tacit.core import clock, mail, webhooks
from tacit.core.jobs import STALLED_AFTER_SECONDS, periodic


@periodic("core.send_mail", "* * * * * */2")
def send_mail(_due: datetime) -> None:
    mail.send_due(now=clock.now())


@periodic("core.send_webhooks", "* * * * * */2")
def send_webhooks(_due: datetime) -> None:
    webhooks.send_due(now=clock.now(), signed_at=clock.real())


@periodic("core.remove_old_webhooks", "23 3 * * *")
def remove_old_webhooks(_due: datetime) -> None:
    webhooks.remove_old(now=clock.now())


@app.periodic(cron="* * * * * */15", periodic_id="core.retry_stalled")
@app.task(name="core.retry_stalled", queueing_lock="core.retry_stalled", pass_context=True)
async def retry_stalled(context: Any, timestamp: int) -> None:
    """After a kill -9 a job stays ``doing``; its worker's silence tells. No ``lock``: this one may die too."""
    del timestamp
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(stalled)
    await manager.prune_stalled_workers(STALLED_AFTER_SECONDS)
