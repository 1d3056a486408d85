"""What articles about the United States are made of: portrayals over time, frames of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.api.web.charts import columns, dots
from services.api.web.charts.columns import Column
from services.api.web.drawn import HALF, NARROW, Drawn
from services.context import Context
from services.domain.codebook import FRAMES
from services.domain.series import SeriesKey, group_scope
from services.queries.buckets import Bucket, Every, points
from services.queries.overview import Overview, Track
from services.queries.standing import GroupStanding
from services.queries.words import capital, label_title, percent

PORTRAYALS: Final = ("hostile", "neutral", "favourable")
TOP_FRAMES: Final = 10


def portrayal_charts(view: Overview) -> list[Drawn]:
    """Return how the United States is portrayed over time, one chart for each group or outlet."""
    return [_portrayal(track) for track in view.tracks if track.us]


def _portrayal(track: Track) -> Drawn:
    bars = [_column(bucket, track.coarse) for bucket in track.us]
    title = f"Portrayal of the United States: {track.title}"
    parts = ", ".join(f"{name} {share * 100:.0f}%" for name, share in bars[-1].parts)
    described = f"{bars[-1].name}: {parts}, {bars[-1].n:,} articles"
    name = f"portrayal-{track.scope.replace(':', '-')}{'-past' if track.reference else ''}"
    return Drawn(
        f"{track.title}, by {track.coarse}",
        columns.draw(bars, title, described, NARROW, 176, name),
        None,
        ("from", *PORTRAYALS, "articles"),
        tuple(
            (bar.name, *(f"{share * 100:.0f} %" for _, share in bar.parts), f"{bar.n:,}")
            for bar in reversed(bars)
        ),
    )


def _column(bucket: Bucket, every: Every) -> Column:
    counts = [bucket.count(f"us={name}") for name in PORTRAYALS]
    total = max(1, sum(counts))
    parts = tuple((name, count / total) for name, count in zip(PORTRAYALS, counts, strict=True))
    return Column(_period(bucket, every), sum(counts), parts)


def _period(bucket: Bucket, every: Every) -> str:
    start = bucket.start
    if every == "year":
        return str(start.year)
    if every == "week":
        return f"{start.day} {start:%b}"
    if every == "quarter":
        return f"{start.month // 3 + 1}/{start:%y}"
    return f"{start:%b %y}" if start.month == 1 else f"{start:%b}"


def frames_chart(context: Context, view: Overview) -> Drawn | None:
    """Return the most frequent frames of the last 28 days by group, with intervals."""
    found = [(group, group.now) for group in view.groups if group.now]
    if not found:
        return None
    shares = {
        name: max(bucket.count(f"frame={name}") / bucket.n for _, bucket in found)
        for name in FRAMES
    }
    top = sorted(FRAMES, key=lambda name: -shares[name])[:TOP_FRAMES]
    rows = [
        dots.Row(label_title(context, f"frame={name}"), tuple(_dots(found, f"frame={name}")))
        for name in top
    ]
    title = "Most frequent frames"
    described = "; ".join(f"{row.title}: {row.marks[0].words}" for row in rows[:5])
    return Drawn(
        title,
        dots.draw(rows, title, described, HALF, "frames"),
        dots.draw(rows, title, described, NARROW, "frames-narrow", gutter=150),
        ("frame", "outlets and share"),
        tuple((row.title, "; ".join(mark.words for mark in row.marks)) for row in rows),
    )


def _dots(found: Sequence[tuple[GroupStanding, Bucket]], label: str) -> list[dots.Mark]:
    marks = []
    for group, bucket in found:
        key = SeriesKey(label, group_scope(group.group), "us")
        now = points([bucket], key)[0]
        before = points([group.before], key)[0].share if group.before else None
        share, low, high = now.share or 0.0, now.low or 0.0, now.high or 0.0
        words = (
            f"{capital(group.reference or group.title)}: {percent(share)} "
            f"({low * 100:.1f} to {high * 100:.1f}), n={bucket.n:,}"
        )
        marks.append(dots.Mark(group.group, share, low, high, before, words))
    return marks
