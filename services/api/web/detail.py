"""What the pages of one article and of one shift show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.api.web.charts import timeline
from services.api.web.charts.onsets import Mark
from services.api.web.charts.timeline import Dot, Line, Shade, Timeline
from services.api.web.drawn import NARROW, WIDE, Drawn
from services.api.web.marks import colour_of
from services.context import Context
from services.domain.article import Article
from services.domain.codebook import LABELS
from services.domain.prediction import Prediction
from services.domain.series import DayCounts, SeriesKey, SeriesPoint, is_backfilled
from services.domain.shift import Direction, Shift
from services.queries.buckets import DAYS, Bucket, Every, gather, points, steady
from services.queries.dark import dark_days
from services.queries.history import collected, reference, within
from services.queries.overview import STEADY_SAMPLE
from services.queries.series import labels_of
from services.queries.words import came, day, label_title, percent


@dataclass(frozen=True, slots=True)
class Probability:
    """One label with its probability; `given` when the article carries it."""

    label: str
    title: str
    value: float
    given: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """One article that speaks for a shift."""

    article: Article
    prediction: Prediction | None


def probabilities(context: Context, prediction: Prediction | None) -> list[list[Probability]]:
    """Return portrayal, relations and frames, each from the likeliest down."""
    values = prediction.probabilities() if prediction else ()
    if not prediction or not values:
        return []
    given = set(prediction.labels())
    found = [
        Probability(label, label_title(context, label), value, label in given)
        for label, value in zip(LABELS, values, strict=True)
    ]
    kinds = [
        [item for item in found if item.label.startswith(f"{kind}=")]
        for kind in ("us", "relations", "frame")
    ]
    return [sorted(items, key=lambda item: -item.value) for items in kinds]


def evidence(context: Context, shift: Shift) -> list[Evidence]:
    """Return the articles that speak for a shift most, those that are still in the store."""
    articles = context.store.articles(shift.evidence)
    predictions = context.store.predictions(shift.evidence)
    return [
        Evidence(articles[name], predictions.get(name))
        for name in shift.evidence
        if name in articles
    ]


def shift_charts(context: Context, shift: Shift) -> list[Drawn]:
    """Return one chart for the series, and one for each label when it is a signal."""
    key = SeriesKey.parse(shift.series)
    since = min(shift.baseline.since, shift.onset - timedelta(days=60)) - timedelta(days=30)
    until = shift.alarm_date + timedelta(days=120)
    rows = _rows(context, key, since, until)
    every = steady(rows, ("day", "week", "month"), STEADY_SAMPLE)
    names = (key.label, *labels_of(context, key.label))
    return [
        _chart(context, shift, SeriesKey(name, key.scope, key.about), rows, every)
        for name in dict.fromkeys(names)
    ]


def _rows(context: Context, key: SeriesKey, since: date, until: date) -> list[DayCounts]:
    own = collected(context, (key.scope,), key.about, since, until)[key.scope]
    known = {row.day for row in own}
    past = within(reference(context, key.about).get(key.scope, ()), since, until)
    return sorted([*own, *(row for row in past if row.day not in known)], key=lambda row: row.day)


def _chart(
    context: Context, shift: Shift, key: SeriesKey, rows: Sequence[DayCounts], every: Every
) -> Drawn:
    buckets = gather(rows, every)
    found = points(buckets, key, labels_of(context, key.label))
    title = label_title(context, key.label)
    colour = colour_of(context, key.scope)
    dots = tuple(map(_dot, buckets, found))
    first = dots[0].day if dots else shift.baseline.since
    last = dots[-1].day if dots else shift.alarm_date
    name = f"shift-{key.label.replace('=', '-')}"
    chart = Timeline(
        id=name,
        title=f"{title} around {day(shift.onset)}",
        description=f"From {day(first)} to {day(last)}, one point for each {every}.",
        since=first,
        until=max(last, first + timedelta(days=1)),
        lines=(Line(title, colour, dots, 2 * DAYS[every] + 3),),
        marks=(_mark(shift, colour),),
        shades=_shades(context, key.scope, first, last),
    )
    return Drawn(
        title,
        timeline.draw(chart, WIDE, 210, pointed=True),
        timeline.draw(replace(chart, id=f"{name}-narrow"), NARROW, 200),
        ("from", "share", "95 % interval", "articles"),
        tuple(_row(point) for point in reversed(found)),
        any(dot.backfilled for dot in dots),
    )


def _shades(context: Context, scope: str, since: date, until: date) -> tuple[Shade, ...]:
    dark = dark_days(context, scope, since, until)
    return tuple(Shade(item.since, item.until, item.words) for item in dark)


def _dot(bucket: Bucket, point: SeriesPoint) -> Dot:
    share = point.share or 0.0
    words = f"{day(bucket.start)}: {percent(share)}, n={bucket.n:,}{came(bucket.source)}"
    return Dot(
        bucket.middle,
        share,
        point.low or 0.0,
        point.high or 0.0,
        words,
        backfilled=is_backfilled(bucket.source),
    )


def _mark(shift: Shift, colour: str) -> Mark:
    way = "up" if shift.direction is Direction.UP else "down"
    words = f"{way} since about {day(shift.onset)}"
    return Mark(1, colour, shift.onset, shift.onset_low, shift.onset_high, words, "#evidence")


def _row(point: SeriesPoint) -> tuple[str, ...]:
    low, high = (point.low or 0) * 100, (point.high or 0) * 100
    share = f"{(point.share or 0) * 100:.1f} %"
    return (str(point.day), share, f"{low:.1f} to {high:.1f} %", f"{point.n:,}")
