"""When a page is visited next, by how the last visit ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.domain.page import PageOutcome, PageVisit

REVISITS: Final = (
    timedelta(hours=1),
    timedelta(hours=5),
    timedelta(hours=18),
    timedelta(days=2),
    timedelta(days=4),
)
"""Pauses after each visit that succeeded: edits are looked for after 1 h, 6 h, 1, 3 and 7 days."""
WITHOUT_TEXT: Final = timedelta(hours=6)
"""A page without the whole article is looked at once more after this time."""
BACK_OFF: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""Pauses after each failure in a row; after one more the page is given up."""
DISALLOWED: Final = timedelta(days=7)
DISALLOWED_TIMES: Final = 4
"""So often robots.txt is asked whether it has changed; the article is a month old by then."""
READ: Final = (PageOutcome.TEXT, PageOutcome.UNCHANGED)


def after_reading(
    before: PageVisit, outcome: PageOutcome, sentence: str, now: datetime, *, revisit: bool
) -> PageVisit:
    """Return the visit of a page that answered; `revisit` False plans no further one."""
    done = replace(
        before,
        visits=before.visits + 1,
        failures=0,
        outcome=outcome,
        sentence=sentence,
        visited=now,
    )
    pauses = REVISITS if outcome in READ else (WITHOUT_TEXT,)
    again = revisit and before.visits < len(pauses)
    return replace(done, due=now + pauses[before.visits] if again else None)


def after_failure(before: PageVisit, sentence: str, now: datetime) -> PageVisit:
    """Return the visit of a page that could not be had, or not as a whole."""
    again = before.failures < len(BACK_OFF)
    return replace(
        before,
        failures=before.failures + 1,
        outcome=PageOutcome.UNREACHABLE,
        sentence=sentence,
        visited=now,
        due=now + BACK_OFF[before.failures] if again else None,
    )


def after_refusal(before: PageVisit, sentence: str, now: datetime) -> PageVisit:
    """Return the visit of a page that the site's robots.txt keeps closed to us."""
    again = before.failures + 1 < DISALLOWED_TIMES
    return replace(
        before,
        failures=before.failures + 1,
        outcome=PageOutcome.DISALLOWED,
        sentence=sentence,
        visited=now,
        due=now + DISALLOWED if again else None,
    )
