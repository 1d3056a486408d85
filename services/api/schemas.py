"""What the API answers, with descriptions and examples for its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Row(BaseModel):
    """Base: frozen, read from records by attribute."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Problem(BaseModel):
    """An error (RFC 9457)."""

    title: str
    status: int
    detail: Annotated[str, Field(description="one sentence: what went wrong and what to do")]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "The request is wrong",
                    "status": 422,
                    "detail": "There is no us 'angry'. There are: hostile, favourable, "
                    "neutral, absent.",
                }
            ]
        }
    )


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


_ARTICLE: dict[str, Any] = {
    "id": "0f8b4c1d2e3a49586776859403a2b1c0",
    "outlet": "tass",
    "url": "https://news.example/talks",
    "title": "Envoys meet for talks on arms limits",
    "lead": "Both sides called the meeting useful.",
    "language": "en",
    "published": "2025-02-18T09:30:00Z",
    "date_quality": "stated",
    "collected": "2025-02-18T09:45:12Z",
    "snippet": "Envoys meet for talks",
    "framing": {
        "outcome": "classified",
        "model": "minilm-1",
        "us": "neutral",
        "us_p": {
            "hostile": 0.05,
            "favourable": 0.1,
            "neutral": 0.8,
            "absent": 0.05,
        },
        "relations": "detente",
        "relations_p": {
            "confrontation": 0.04,
            "detente": 0.9,
            "mixed": 0.05,
            "absent": 0.01,
        },
        "frames": ["dialogue", "arms_control"],
        "frames_p": {"dialogue": 0.93, "arms_control": 0.88},
        "evidence": [
            {
                "text": "Envoys meet for talks on arms limits",
                "start": -1,
                "end": -1,
                "labels": {"relations=detente": 0.9},
            }
        ],
    },
}


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
    collected: datetime
    snippet: Annotated[str, Field(description="text around the words found")] = ""
    framing: FramingRow | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [_ARTICLE]})


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


class ArticleFull(ArticleRow):
    """One article in full, with every version that was seen."""

    text: str
    author: str
    section: str
    revisions: Annotated[tuple[RevisionRow, ...], Field(description="oldest first")]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {**_ARTICLE, "text": "", "author": "", "section": "world", "revisions": []}
            ]
        }
    )


class PointRow(Row):
    """One day, or the week that begins on `day`."""

    day: date
    n: Annotated[int, Field(description="articles counted")]
    k: Annotated[int, Field(description="of which carry the label")]
    share: float | None
    low: Annotated[float | None, Field(description="lower end of the 95 % interval")]
    high: float | None
    expected: Annotated[float | None, Field(description="summed probability over n")]
    series: str
    source: Annotated[str, Field(description="'collected', or where a reference comes from")]


class SeriesAnswer(Row):
    """One series, what was collected apart from the reference history."""

    series: Annotated[str, Field(examples=["relations=detente|group:state|us"])]
    model: str
    points: tuple[PointRow, ...]
    reference: tuple[PointRow, ...]
    note: Annotated[str, Field(description="what to bear in mind when reading the figures")]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "series": "relations=detente|group:state|us",
                    "model": "minilm-1",
                    "points": [
                        {
                            "day": "2025-02-17",
                            "n": 84,
                            "k": 21,
                            "share": 0.25,
                            "low": 0.17,
                            "high": 0.35,
                            "expected": 0.24,
                            "series": "relations=detente|group:state|us",
                            "source": "collected",
                        }
                    ],
                    "reference": [],
                    "note": "",
                }
            ]
        }
    )


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
    source: Annotated[str, Field(description="'collected', or where a reference comes from")]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "6c1f0a9b8d7e4f3a2b1c0d9e8f7a6b5c",
                    "series": "signal=thaw|group:state|us",
                    "direction": "up",
                    "level": "alert",
                    "arl": 5000.0,
                    "alarm_date": "2025-02-24",
                    "first_alarm": "2025-02-20",
                    "onset": "2025-02-16",
                    "onset_low": "2025-02-14",
                    "onset_high": "2025-02-18",
                    "baseline": {
                        "share": 0.06,
                        "low": 0.05,
                        "high": 0.07,
                        "n": 1120,
                        "from": "2025-01-15",
                        "to": "2025-02-11",
                    },
                    "current": {
                        "share": 0.15,
                        "low": 0.13,
                        "high": 0.18,
                        "n": 610,
                        "from": "2025-02-16",
                        "to": "2025-03-02",
                    },
                    "outlets": ["rt", "tass"],
                    "model": "minilm-1",
                    "evidence": ["0f8b4c1d2e3a49586776859403a2b1c0"],
                    "source": "collected",
                }
            ]
        }
    )


class HealthRow(Row):
    """One outlet of the catalogue, and how its feed is doing."""

    id: str
    name: str
    group: str
    language: str
    feed: str
    reason: Annotated[str, Field(description="why it is in its group")]
    source: Annotated[str, Field(description="where that reason comes from")]
    certainty: Annotated[str, Field(description="how sure the feed's address is: A, B or C")]
    enabled: bool
    status: Annotated[str, Field(description="ok, failing, silent, never polled or disabled")]
    sentence: str
    articles: int
    last_day: date | None
    last_attempt: datetime | None
    last_success: datetime | None
    next_poll: datetime | None
    failures: int


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
    shift_id: str
    series: str
    direction: str
    level: str
    created: datetime
    test: bool
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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ok",
                    "checks": {
                        "store": {"ok": True, "sentence": "The store answers."},
                        "model": {"ok": True, "sentence": "Model minilm-1 is in place."},
                        "polls": {"ok": True, "sentence": "A feed was asked 42 seconds ago."},
                    },
                    "last_poll_age": 42.0,
                    "articles": 35644,
                }
            ]
        }
    )


PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "The request is wrong; the sentence says how."},
    503: {"model": Problem, "description": "The store is busy or away; try again later."},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such thing."}
}
