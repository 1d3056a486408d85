"""When a failed delivery is tried again.

    try   gap before it   after the first try
    1     at once         0
    2     1 minute        1 min
    3     5 minutes       6 min
    4     30 minutes      36 min
    5     2 hours         2 h 36 min
    6     5 hours         7 h 36 min
    7     10 hours        17 h 36 min
    8     20 hours        1 d 13 h 36 min
    9     36 hours        3 d 1 h 36 min

Each gap is lengthened by up to a tenth, by an amount fixed for each delivery, so that the
messages that failed together do not all come back in the same second. The ninth failure is
the last: a server that has been down for three days is a matter for a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

GAPS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=20),
    timedelta(hours=36),
)
MAX_ATTEMPTS: Final = len(GAPS) + 1
_SPREAD: Final = 0.1


def next_try(
    delivery_id: str, attempts: int, now: datetime, retry_after: float | None = None
) -> datetime | None:
    """Return when to try again after `attempts` failed tries; None when that was the last.

    `retry_after` (seconds, as asked for by the other side) lengthens the gap but never
    beyond the longest one of the table, and never shortens it.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    gap = GAPS[max(attempts, 1) - 1] * (1 + _SPREAD * _fraction(delivery_id))
    if retry_after is not None and retry_after > 0:
        gap = max(gap, timedelta(seconds=min(retry_after, GAPS[-1].total_seconds())))
    return now + gap


def _fraction(delivery_id: str) -> float:
    """Map an id to [0, 1), always to the same value."""
    return int(delivery_id[:8], 16) / 16**8
