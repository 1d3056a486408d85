"""Finds in the index what has been left undone, and queues it again.

Redis may lose every message, and a killed worker loses the one in its hands. Nothing depends
on them: what is to do is what the index says is not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from services.context import Context
from services.pipeline import CLASSIFY_BATCH
from workers.queues import Queue
from workers.schedule import DETECT_EVERY, SWEEP_EVERY

SWEEP_LIMIT: Final = 20_000  # article ids queued by one sweep: under 1 MB of messages
DETECTED_META: Final = "workers_detected_at"

Send = Callable[..., None]
"""Queues a task by name: `send("framewatch.classify", ids)`."""


def sweep(context: Context, waiting: Callable[[Queue], int], send: Send) -> dict[str, int]:
    """Queue what is not classified, linked, counted, detected or delivered; returns tasks by name.

    `waiting(queue)` is the number of messages in a queue: while the framing queue holds any,
    its work is on the way and is not queued a second time. Feeds and pages need no sweep: they
    are due until their poll or visit is in the index.
    """
    queued: dict[str, int] = {}

    def put(task: str, *args: object) -> None:
        send(task, *args)
        queued[task] = queued.get(task, 0) + 1

    if not waiting(Queue.FRAMING):
        for batch in batches(context.store.unclassified(context.model, SWEEP_LIMIT)):
            put("framewatch.classify", batch)
        if context.store.unclassified_versions(context.model, 1):
            put("framewatch.classify_versions")
    if context.store.unlinked(1):
        put("framewatch.link")
    if context.store.dirty_days(1):
        put("framewatch.count")
    if detection_overdue(context):
        put("framewatch.detect")
    put("framewatch.raise_alerts", [])  # none given: every shift that a rule asks for
    put("framewatch.deliver")
    return queued


def batches(ids: Sequence[str]) -> Iterator[list[str]]:
    """Cut `ids` into lists of at most CLASSIFY_BATCH."""
    for start in range(0, len(ids), CLASSIFY_BATCH):
        yield list(ids[start : start + CLASSIFY_BATCH])


def detection_overdue(context: Context) -> bool:
    """True when the hourly detection has been missed, or was never done."""
    written = context.store.get_meta(DETECTED_META)
    if not written:
        return True
    return context.clock() - datetime.fromisoformat(written) > DETECT_EVERY + SWEEP_EVERY


def detected(context: Context) -> None:
    """Remember that detection has just been done."""
    context.store.set_meta(DETECTED_META, context.clock().isoformat(timespec="seconds"))
