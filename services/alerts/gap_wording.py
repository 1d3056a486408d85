"""The sentences of an alert about a gap in the collection."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.alerts.facts import GapFacts
from services.alerts.plain import clean
from services.alerts.wording import count_words, day_words

_SENTENCE: Final = 300
_NEVER_BY_CHANCE: Final = 3652.0
"""Days beyond which how rare a gap is would be a figure without a meaning."""


def gap_headline(facts: GapFacts) -> str:
    """Return what is the matter in one line."""
    gap = facts.gap
    since = moment_words(gap.since)
    if not gap.outlet:
        return f"No feed has answered since {since}"
    name = clean(facts.outlet, 80)
    if gap.trouble == "failing":
        return f"The feed of {name} has failed since {since}"
    return f"{name} has brought nothing new for {length_words(gap.noticed - gap.since)}"


def gap_subject(facts: GapFacts) -> str:
    """Return the subject line."""
    return f"[Framewatch] Collection: {gap_headline(facts)}"


def gap_rows(facts: GapFacts) -> list[tuple[str, str]]:
    """Return what is known, as names and values."""
    gap = facts.gap
    rows = [("Last new entry", moment_words(gap.last_entry) if gap.last_entry else "not known")]
    if gap.usual > 0:
        rows.append(("Usual rate", f"about {_number(gap.usual)} a day"))
        usually = f"about {_number(gap.expected)}"
        rows.append(("Would usually have come", usually))
    if gap.trouble == "silent":
        rows.append(("So long a gap by chance", rarity_words(gap.once_in_days)))
    rows.append(("Last asked", moment_words(gap.noticed)))
    rows.append(("What the feed answers", clean(gap.answer, _SENTENCE) or "nothing"))
    return rows


def gap_meaning(facts: GapFacts) -> list[str]:
    """Return what follows for the figures, and what a person can do, in sentences."""
    gap = facts.gap
    if not gap.outlet:
        return [
            "Most likely this machine has no way out: check its network, or name a proxy in "
            "FRAMEWATCH_PROXY. All feeds are asked again and again until they answer.",
            "No outlet is observed since then: series leave these days out rather than show zero.",
        ]
    name, group = clean(facts.outlet, 80), clean(facts.group, 80)
    sentences = [
        f"The days of {name} since then count as not observed: its series leave them out rather "
        f"than show zero. Figures of {group} rest on the other outlets."
    ]
    if gap.trouble == "silent":
        sentences.append(
            "Look whether the site itself goes on. If it does, the feed stands still or has "
            "moved; if it does not, the outlet is silent."
        )
    else:
        sentences.append(
            "The feed is asked again, at the latest after a day, and what it still holds then is "
            "collected. If it has moved for good, change its address in the catalogue."
        )
    return sentences


def back_words(facts: GapFacts) -> str:
    """Return that the gap is over, when it is; else nothing."""
    if facts.back is None:
        return ""
    again = "an answer came" if facts.gap.trouble == "failing" else "something new was seen"
    return f"It is over: {again} on {moment_words(facts.back)}."


def rarity_words(days: float) -> str:
    """Return how rare a gap is."""
    if days >= _NEVER_BY_CHANCE:
        return "less than once in ten years"
    if days >= 730:
        return f"about once in {days / 365.25:.0f} years"
    return f"about once in {days:.0f} days" if days >= 1.5 else "about once a day"


def length_words(span: timedelta) -> str:
    """Return a time span as `31 hours` or, from three days on, as `4 days`."""
    hours = max(0, round(span / timedelta(hours=1)))
    return count_words(hours, "hour") if hours < 72 else count_words(round(hours / 24), "day")


def moment_words(moment: datetime) -> str:
    """Return a time as `3 February 2025, 14:05 UTC`."""
    return f"{day_words(moment.date())}, {moment:%H:%M} UTC"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"
