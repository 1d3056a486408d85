"""One thin task a stage. The work is in `services.pipeline`; messages hold ids only.

    poll → collect → classify → count;  detect → raise_alerts → deliver
    visit and link by the clock;  sweep mends the rest

A task that follows is queued after the index holds what it will read.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import current_app, shared_task
from kombu.exceptions import OperationalError

from services import pipeline
from services.context import Context
from workers import queues
from workers import sweep as sweeping
from workers.process import current
from workers.queues import Queue
from workers.stage import Stage

log = logging.getLogger(__name__)


@shared_task(base=Stage, name="framewatch.poll")
def poll() -> None:
    """Queue every feed that is due, one message each, so that no feed waits for another.

    While earlier ones still wait, none is added: workers that fall behind poll less.
    """
    if queues.length(current_app, Queue.COLLECT):
        return
    for outlet in pipeline.due_outlets(current()):
        send("framewatch.collect", outlet)


@shared_task(base=Stage, name="framewatch.collect")
def collect(outlet: str) -> None:
    """Poll one feed if it is still due and nobody is at it, and queue its new articles."""
    context = current()
    with context.store.lock(f"collect:{outlet}") as free:
        if not free or outlet not in pipeline.due_outlets(context):
            return
        polled = pipeline.collect(context, [outlet])
    for result in polled:
        log.info("%s: %s, %s", outlet, result.outcome, result.sentence)
        for batch in sweeping.batches(result.ids):
            send("framewatch.classify", batch)


@shared_task(base=Stage, name="framewatch.classify")
def classify(ids: list[str]) -> None:
    """Label the articles among `ids` that still want a label, then have their days counted."""
    context = current()
    outcomes = pipeline.classify(context, unlabelled(context, ids))
    if outcomes:
        log.info("classified: %s", dict(outcomes))
        send("framewatch.count")


@shared_task(base=Stage, name="framewatch.classify_versions")
def classify_versions() -> None:
    """Label what outlets showed before they changed it; the sweep asks for it."""
    context = current()
    with context.store.lock("classify_versions") as free:
        if free and (outcomes := pipeline.classify_versions(context)):
            log.info("classified earlier versions: %s", dict(outcomes))


@shared_task(base=Stage, name="framewatch.visit")
def visit() -> None:
    """Visit the pages that are due; one process at a time, so that hosts are left their pauses.

    Texts that a visit brings are found by the sweep, as articles that want another label.
    """
    context = current()
    with context.store.lock("visit") as free:
        visited = pipeline.visit_pages(context) if free else {}
    if visited:
        log.info("visited: %s", dict(visited))


@shared_task(base=Stage, name="framewatch.link")
def link() -> None:
    """Find which new articles tell the same story, and have their days counted anew."""
    if pipeline.link_copies(current()):
        send("framewatch.count")


@shared_task(base=Stage, name="framewatch.count")
def count() -> None:
    """Bring the daily series up to date; two counters at once could overwrite each other."""
    context = current()
    with context.store.lock("count") as free:
        if free:
            pipeline.count(context)


@shared_task(base=Stage, name="framewatch.detect")
def detect() -> None:
    """Look for shifts, one process at a time, and have alerts raised for what is new."""
    context = current()
    with context.store.lock("detect") as free:
        if not free:
            return
        found = pipeline.detect(context)
        sweeping.detected(context)
    if found:
        send("framewatch.raise_alerts", found)


@shared_task(base=Stage, name="framewatch.raise_alerts")
def raise_alerts(shift_ids: list[str]) -> None:
    """Open alerts for these shifts (none given: for all) where a rule asks for them."""
    if pipeline.raise_alerts(current(), shift_ids):
        send("framewatch.deliver")


@shared_task(base=Stage, name="framewatch.deliver")
def deliver() -> None:
    """Send what is due; the ledger holds the retries of each delivery."""
    pipeline.deliver(current())


@shared_task(base=Stage, name="framewatch.sweep")
def sweep() -> None:
    """Queue again what the index says was left undone."""
    queued = sweeping.sweep(current(), lambda queue: queues.length(current_app, queue), send)
    log.info("swept: %s", queued)


def send(task: str, *args: object) -> None:
    """Queue a task. When Redis is away the sweep will do it, so that is not an error here."""
    try:
        current_app.send_task(task, args)
    except OperationalError as error:
        log.warning("%s could not be queued; the sweep will do it: %s", task, error)


def unlabelled(context: Context, ids: Sequence[str]) -> list[str]:
    """Leave out what another message, queued twice, has had labelled already."""
    known = context.store.predictions(ids)
    return [name for name in ids if name not in known or known[name].model != context.model]
