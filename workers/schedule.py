"""What beat starts, and how often.

Beat remembers nothing: what is due stands in the index (a feed's next poll, a delivery's next
try, articles without a label), and every entry here only asks the index to look. So a message
too many or too few changes nothing but the delay.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

POLL_EVERY: Final = timedelta(minutes=1)
VISIT_EVERY: Final = timedelta(minutes=1)
LINK_EVERY: Final = timedelta(minutes=1)
COUNT_EVERY: Final = timedelta(minutes=1)
DELIVER_EVERY: Final = timedelta(minutes=1)
SWEEP_EVERY: Final = timedelta(minutes=5)
DETECT_EVERY: Final = timedelta(hours=1)


def _entry(task: str, every: timedelta) -> dict[str, object]:
    # A message that nobody took before the next one is due is dropped, so that a day without
    # workers does not leave a thousand of them behind.
    return {"task": task, "schedule": every, "options": {"expires": every.total_seconds()}}


BEAT_SCHEDULE: Final[dict[str, dict[str, object]]] = {
    "poll the feeds that are due": _entry("framewatch.poll", POLL_EVERY),
    "visit the pages that are due": _entry("framewatch.visit", VISIT_EVERY),
    "look for copies of new articles": _entry("framewatch.link", LINK_EVERY),
    "count days that changed": _entry("framewatch.count", COUNT_EVERY),
    "send deliveries that are due": _entry("framewatch.deliver", DELIVER_EVERY),
    "queue again what was left undone": _entry("framewatch.sweep", SWEEP_EVERY),
    "look for shifts": _entry("framewatch.detect", DETECT_EVERY),
}
