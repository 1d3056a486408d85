"""What the API answers about outlets and the health of their collection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from services.api.schemas import Row

Tally = Annotated[Mapping[str, int], Field(description="how many of each")]


class OpenGap(Row):
    """How long an outlet has brought nothing."""

    since: datetime
    until: Annotated[datetime, Field(description="the last poll that this rests on")]
    hours: float
    expected: Annotated[float, Field(description="articles that would usually have come by then")]
    limit: Annotated[float, Field(description="as many must be missing for a silence")]
    once_in_days: Annotated[float, Field(description="how often a gap this long comes by chance")]
    too_long: Annotated[bool, Field(description="longer than chance explains")]


class HealthRow(Row):
    """One outlet of the catalogue, and how its feed is doing."""

    id: str
    name: str
    group: str
    language: str
    feed: str
    address: Annotated[str, Field(description="where the feed has moved to; empty: it has not")]
    reason: Annotated[str, Field(description="why it is in its group")]
    source: Annotated[str, Field(description="where that reason comes from")]
    certainty: Annotated[str, Field(description="how sure the feed's address is: A, B or C")]
    enabled: bool
    status: Annotated[str, Field(description="ok, failing, silent, never polled or disabled")]
    outcome: Annotated[str | None, Field(description="how the last poll ended, as a class")]
    sentence: str
    articles: int
    last_day: date | None
    last_new: Annotated[datetime | None, Field(description="when something new was last seen")]
    last_attempt: datetime | None
    last_success: datetime | None
    failing_since: datetime | None
    next_poll: datetime | None
    failures: int
    interval: Annotated[int, Field(description="seconds between polls while it answers")]
    usual_a_day: Annotated[float | None, Field(description="articles; null: too little is known")]
    gap: OpenGap | None


class CountsRow(Row):
    """What polls did over some days."""

    polls: Annotated[Tally, Field(description="polls by how they ended")]
    entries: Annotated[Tally, Field(description="entries by what became of them")]
    gaps: Annotated[int, Field(description="polls before which entries may have been missed")]


class PagesRow(Row):
    """Visits to the pages of the last seven days' articles."""

    outcomes: Tally
    text_share: Annotated[float | None, Field(description="of the pages visited; null: none was")]


class WindowRow(Row):
    """How far back the feed reaches."""

    seconds: int
    sentence: str
    last_gap: datetime | None


class OutletDayRow(Row):
    """One UTC day of an outlet."""

    day: date
    articles: Annotated[int | None, Field(description="null: not observed, which is not zero")]
    expected: Annotated[float, Field(description="articles usual on such a day; 0: not known")]
    observed: Annotated[str, Field(description="yes, partly, no or unknown")]
    polls_ok: int
    polls_failed: int
    polls: Tally
    entries: Tally
    gaps: int


class OutletFull(HealthRow):
    """Everything about the collection of one outlet."""

    today: Annotated[CountsRow, Field(description="since midnight UTC")]
    week: Annotated[CountsRow, Field(description="today and the six days before")]
    pages: PagesRow
    window: WindowRow
    moving_to: Annotated[str, Field(description="where permanent redirects lead, so far")]
    usual_week: Annotated[
        tuple[float, ...], Field(description="articles usual in each hour from Monday, 0 UTC")
    ]
    days: Annotated[tuple[OutletDayRow, ...], Field(description="the last six weeks")]
