"""What the API answers, with descriptions and examples for its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.api import examples


def _example(example: examples.Example) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


SOURCE = (
    "how the articles came here: collected as they were published, imported, backfilled, or "
    "several joined by ' + '; else where a reference comes from"
)


class Row(BaseModel):
    """Base: frozen, read from records by attribute."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Problem(BaseModel):
    """An error (RFC 9457)."""

    title: str
    status: int
    detail: Annotated[str, Field(description="one sentence: what went wrong and what to do")]

    model_config = _example(examples.PROBLEM)


class PassageRow(Row):
    """A passage that speaks for a label."""

    text: str
    start: Annotated[int, Field(description="offset into the article's text; -1: the headline")]
    end: int
    labels: Annotated[Mapping[str, float], Field(description="label to probability")]


class FramingRow(Row):
    """What the model says about one article."""

    outcome: Annotated[str, Field(description="classified, unsupported_language or no_text")]
    model: str
    us: Annotated[str | None, Field(description="portrayal of the US")] = None
    us_p: Mapping[str, float] | None = None
    relations: Annotated[str | None, Field(description="the New Cold War axis")] = None
    relations_p: Mapping[str, float] | None = None
    frames: tuple[str, ...] = ()
    frames_p: Mapping[str, float] | None = None
    evidence: tuple[PassageRow, ...] = ()


class ArticleRow(Row):
    """One article as a search finds it."""

    id: str
    outlet: str
    url: str
    title: str
    lead: str
    language: Annotated[str, Field(description="ISO 639-1, or 'und' when not known")]
    published: datetime
    date_quality: Annotated[str, Field(description="stated, clamped or assumed")]
    origin: Annotated[
        str,
        Field(description="live: seen as it was published; imported; backfilled: found later"),
    ]
    collected: datetime
    snippet: Annotated[str, Field(description="text around the words found")] = ""
    framing: FramingRow | None = None

    model_config = _example(examples.ARTICLE)


class ArticlePage(Row):
    """One page of articles, newest first."""

    total: Annotated[int, Field(description="how many articles match in all")]
    articles: tuple[ArticleRow, ...]
    next: Annotated[str, Field(description="cursor of the next page; empty on the last one")]


class RevisionRow(Row):
    """One version of an article."""

    content_hash: str
    collected: datetime
    title: str
    lead: str
    text: str
    labels: Annotated[
        tuple[str, ...], Field(description="as the active model reads it; empty: not labelled")
    ] = ()


class ArticleFull(ArticleRow):
    """One article in full, with every version that was seen."""

    text: str
    author: str
    section: str
    revisions: Annotated[tuple[RevisionRow, ...], Field(description="oldest first")]

    model_config = _example(
        {**examples.ARTICLE, "text": "", "author": "", "section": "world", "revisions": []}
    )


class PointRow(Row):
    """One day, or the week that begins on `day`."""

    day: date
    n: Annotated[
        int | None, Field(description="articles counted; null: not observed, which is not zero")
    ]
    k: Annotated[int | None, Field(description="of which carry the label")]
    share: float | None
    low: Annotated[float | None, Field(description="lower end of the 95 % interval")]
    high: float | None
    expected: Annotated[float | None, Field(description="summed probability over n")]
    series: str
    source: Annotated[str, Field(description=SOURCE)]
    observed: Annotated[
        str,
        Field(
            description="whether the collection saw the period: yes, partly (so is a day that is "
            "not over), no, or unknown (from before the first poll, as imported history is)"
        ),
    ] = "unknown"
    outlets: Annotated[
        int, Field(description="outlets of the scope that were collected by then")
    ] = 0
    outlets_missing: Annotated[
        tuple[str, ...], Field(description="of these, the ids of those not observed")
    ] = ()


class SeriesAnswer(Row):
    """One series, what was collected apart from the reference history."""

    series: Annotated[str, Field(examples=["relations=detente|group:state|us"])]
    model: str
    points: tuple[PointRow, ...]
    reference: tuple[PointRow, ...]
    note: Annotated[str, Field(description="what to bear in mind when reading the figures")]

    model_config = _example(examples.SERIES)


class IntervalRow(Row):
    """A share with its 95 % interval over some days."""

    share: float
    low: float
    high: float
    n: int
    since: Annotated[date, Field(alias="from", description="first day measured")]
    until: Annotated[date, Field(alias="to", description="last day measured")]


class ShiftRow(Row):
    """A moment at which a series left its baseline."""

    id: str
    series: str
    direction: Annotated[str, Field(description="up or down")]
    level: Annotated[str, Field(description="watch or alert")]
    arl: Annotated[float, Field(description="days to a false alarm, on average at least")]
    alarm_date: date
    first_alarm: date
    onset: Annotated[date, Field(description="estimated day on which it began")]
    onset_low: date
    onset_high: date
    baseline: IntervalRow
    current: IntervalRow
    outlets: tuple[str, ...]
    model: str
    evidence: Annotated[tuple[str, ...], Field(description="ids of articles")]
    source: Annotated[str, Field(description=SOURCE)]
    seam: Annotated[
        date | None,
        Field(
            description="day near the onset on which back-filled articles give way to live ones: "
            "the change of sample alone may be the reason"
        ),
    ] = None

    model_config = _example(examples.SHIFT)


class GapRow(Row):
    """A time in which an outlet's feed brought nothing although it usually would have."""

    outlet: Annotated[str, Field(description="catalogue id; empty: no feed could be reached")]
    trouble: Annotated[str, Field(description="silent or failing")]
    since: datetime
    noticed: Annotated[datetime, Field(description="the last poll that this rests on")]
    last_entry: datetime | None
    usual_a_day: float
    expected: Annotated[float, Field(description="articles that would usually have come")]
    once_in_days: Annotated[float | None, Field(description="how rare by chance; null: failing")]
    answer: Annotated[str, Field(description="how the last poll ended")]


class DeliveryRow(Row):
    """One message of an alert; the target is masked."""

    id: str
    rule: str
    channel: str
    target: Annotated[str, Field(examples=["r…@example.org"])]
    status: Annotated[str, Field(description="pending, claimed, sent or dead")]
    attempts: int
    next_try: datetime
    sent_at: datetime | None
    error: str


class AlertRow(Row):
    """An alert and what became of each of its messages."""

    id: str
    kind: Annotated[str, Field(description="shift, or collection: an outlet's feed gone silent")]
    shift_id: Annotated[str, Field(description="empty for an alert about the collection")]
    series: str
    direction: str
    level: str
    created: datetime
    test: bool
    gap: Annotated[GapRow | None, Field(description="what an alert about the collection says")]
    deliveries: tuple[DeliveryRow, ...]


class LabelRow(Row):
    """One label of the codebook."""

    label: str
    title: str
    title_ru: str
    description: str


class SignalRow(Row):
    """Several labels that are watched as one."""

    name: str
    title: str
    about: str
    labels: tuple[str, ...]


class CodebookAnswer(Row):
    """Every label and signal."""

    labels: tuple[LabelRow, ...]
    signals: tuple[SignalRow, ...]


class CheckRow(Row):
    """One thing that must work."""

    ok: bool
    sentence: str


class HealthAnswer(Row):
    """Whether this process can do its work."""

    status: Annotated[str, Field(description="ok, degraded (still useful) or failed")]
    checks: Annotated[Mapping[str, CheckRow], Field(description="store, model and polls")]
    last_poll_age: Annotated[
        float | None, Field(description="seconds since any feed was asked; null: never")
    ]
    articles: int | None

    model_config = _example(examples.HEALTH)


PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "The request is wrong; the sentence says how."},
    503: {"model": Problem, "description": "The store is busy or away; try again later."},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such thing."}
}
