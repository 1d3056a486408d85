"""The sentences of an alert: plain English that an editor understands without a manual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from services.alerts.facts import AlertFacts, OutletCollection
from services.alerts.plain import clean
from services.domain.series import SeriesKey, ShareInterval
from services.domain.shift import Direction, Level, Shift

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LANGUAGES: Final = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ru": "Russian",
    "uk": "Ukrainian",
    "zh": "Chinese",
    "und": "language unknown",
}
_DAYS_IN_A_YEAR: Final = 365.25

LIMITS: Final = (
    "It does not say why the wording changed, or that anybody ordered it.",
    "It does not say whether what the articles claim is true.",
    "A label describes a text, never a person, and not an outlet as a whole.",
    "Labels are given by a machine and single ones can be wrong: read the articles named here "
    "before you report on this.",
)
"""What every alert says about what it does not say."""


def day_words(day: date, *, year: bool = True) -> str:
    """Return a day as `3 February 2025`."""
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def span_words(first: date, last: date) -> str:
    """Return two days as `3 to 9 February 2025`, naming month and year only where needed."""
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)}"
    return f"{day_words(first, year=first.year != last.year)} to {day_words(last)}"


def percent(share: float) -> str:
    """Return a share as `12 %`, with one decimal below ten per cent."""
    value = share * 100
    return f"{value:.1f} %" if 0 < value < 9.95 else f"{value:.0f} %"


def interval_words(interval: ShareInterval) -> str:
    """Return what stands behind a share: its 95 % interval and the number of articles."""
    low, high = percent(interval.low).removesuffix(" %"), percent(interval.high)
    return f"95 % interval {low} to {high}, {count_words(interval.n, 'article')}"


def count_words(number: int, noun: str) -> str:
    """Return `1,204 articles` or `1 article`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def language_name(code: str) -> str:
    """Return the English name of a language, or its code in capitals."""
    return _LANGUAGES.get(code, clean(code, 20).upper())


def label_words(label: str, titles: Mapping[str, str]) -> str:
    """Return the title of a canonical label; without one its own words."""
    if title := titles.get(label):
        return clean(title, 60)
    kind, _, name = label.partition("=")
    words = clean(name.replace("_", " "), 60)
    return {"us": f"US {words}", "signal": f"signal {words}"}.get(kind, words)


def level_word(level: Level) -> str:
    """Return the level as the first word of a subject."""
    return "Alert" if level is Level.ALERT else "Early sign"


def headline(facts: AlertFacts) -> str:
    """Return what happened in one line."""
    if facts.title:
        return clean(facts.title, 200)
    verb = "rises" if facts.shift.direction is Direction.UP else "falls"
    signal = "Signal " if facts.shift.series.startswith("signal=") else ""
    return f"{signal}“{clean(facts.label_title, 80)}” {verb} in {clean(facts.scope_title, 80)}"


def subject(facts: AlertFacts) -> str:
    """Return the subject line: a test says so before anything else."""
    if facts.alert.test:
        return f"[Framewatch] TEST, not a finding: {headline(facts)}"
    return f"[Framewatch] {level_word(facts.shift.level)}: {headline(facts)}"


def measure_words(facts: AlertFacts) -> str:
    """Return what the shares are shares of."""
    key = SeriesKey.parse(facts.shift.series)
    among = "articles about the United States" if key.about == "us" else "articles"
    title = clean(facts.label_title, 80)
    if key.label.startswith("signal="):
        return f"share of {among}, averaged over the labels of the signal “{title}”"
    return f"share of {among} labelled “{title}”"


def onset_words(shift: Shift) -> str:
    """Return when it began, how sure that day is, and when it was noticed."""
    if shift.onset_low == shift.onset_high:
        began = f"It began on about {day_words(shift.onset)}."
    else:
        began = (
            f"It began on about {day_words(shift.onset)} (most likely within "
            f"{span_words(shift.onset_low, shift.onset_high)})."
        )
    if shift.level is Level.ALERT and shift.first_alarm != shift.alarm_date:
        return (
            f"{began} First signs were strong enough to note on {day_words(shift.first_alarm)}, "
            f"and to raise this alert on {day_words(shift.alarm_date)}."
        )
    return f"{began} The evidence was strong enough on {day_words(shift.alarm_date)}."


def certainty_words(shift: Shift) -> str:
    """Return the detector's promise about false alarms in words."""
    years = shift.arl / _DAYS_IN_A_YEAR
    span = f"about {years:.0f} years" if years >= 1.5 else "about one year"
    return (
        f"If nothing had changed, this series would show so strong a sign by chance at most once "
        f"in {shift.arl:,.0f} days of articles on average, {span}. The figure holds for one "
        "series: whoever watches many will see a false alarm somewhere more often."
    )


def next_step_words(shift: Shift) -> str:
    """Return what the level means for the reader."""
    if shift.level is Level.ALERT:
        return ""
    return (
        "This is an early sign, not yet an alert: about one false alarm in a year is accepted at "
        "this level so that true shifts are seen sooner."
    )


def is_recorded(collection: Sequence[OutletCollection]) -> bool:
    """True when any outlet was polled in the time: imported articles leave no such record."""
    return any(item.status != "never polled" for item in collection)


def collection_words(collection: Sequence[OutletCollection]) -> str:
    """Return in one sentence how complete the articles behind the figures are."""
    if not is_recorded(collection):
        return (
            "There is no record of the collection in this time, for instance because the "
            "articles were imported."
        )
    bad = [item for item in collection if item.status != "ok"]
    total = count_words(len(collection), "outlet")
    if not bad:
        return f"The {total} behind these figures: collected without trouble."
    return (
        f"{len(bad)} of the {total} behind these figures gave trouble in that time. Where one is "
        "missing, the share rests on the others:"
    )


def unsubscribe_words(rule: str) -> str:
    """Return why the reader gets this and how to stop it."""
    return (
        f"You receive this because the alert rule “{clean(rule, 100)}” names your address. To stop "
        "it, ask the person who runs this Framewatch to take your address out of that rule in "
        "the rules file."
    )
