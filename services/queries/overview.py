"""Everything derived that the page shows, made once for each change of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from services.context import Context
from services.domain.outlet import Group
from services.domain.series import ABOUTS, SCOPE_ALL, About, DayCounts, group_scope
from services.domain.shift import Level, Shift
from services.errors import UsageError
from services.queries.buckets import Bucket, Every, gather_each, steady
from services.queries.cache import derived
from services.queries.headline import Headline, headline
from services.queries.history import collected, reference, reference_scopes, within
from services.queries.names import SIGNAL
from services.queries.shifts import known_shifts
from services.queries.standing import GroupStanding, standings
from services.queries.words import group_title, scope_title

WindowName = Literal["all", "year", "quarter"]
WINDOWS: Final[dict[WindowName, str]] = {
    "all": "All years",
    "year": "12 months",
    "quarter": "90 days",
}
TOKENS: Final = ("counts_token", "detected_token")  # changed by the stages that count and detect
_DAYS: Final = {"year": 366, "quarter": 90}
_CHOICES: Final[dict[WindowName, tuple[Every, ...]]] = {
    "all": ("month", "quarter"),
    "year": ("week", "month"),
    "quarter": ("day", "week"),
}
ENOUGH: Final = timedelta(days=90)
TOO_MUCH: Final = timedelta(days=540)
STEADY_ARTICLES: Final = 25
STEADY_SAMPLE: Final = 80
"""A point of a chart stands on so many articles on average, if its period can be long enough;
on more where they are a thin sample of many years and single points would only be noise."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days that the charts show."""

    name: WindowName
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Track:
    """One line of the charts: a group, or one outlet's reference history (`reference`).

    `buckets`, one for each period of `every`, count all labels, among all articles or those
    about the US as the overview says;
    `us`, one for each period of `coarse`, are always among those about the US.
    """

    scope: str
    group: str
    title: str
    reference: bool
    every: Every
    buckets: tuple[Bucket, ...]
    coarse: Every
    us: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the New Cold War as far as this installation knows it.

    `mark` tells two of them apart. `empty`: nothing was ever collected or imported here; what
    is shown is reference history.
    """

    mark: str
    model: str
    window: Window
    about: About
    empty: bool
    headline: Headline
    groups: tuple[GroupStanding, ...]
    tracks: tuple[Track, ...]
    shifts: tuple[Shift, ...]


def overview(context: Context, window: str = "", about: str = "us") -> Overview:
    """Return the overview for one of WINDOWS, and among `all` articles or those about the `us`.

    Without a window: twelve months while what was collected here fills them, else all years.
    It is kept until the counts or the shifts of the store change. UsageError for other names.
    """
    wanted = window or _default(context)
    name = next((item for item in WINDOWS if item == wanted), None)
    among = next((item for item in ABOUTS if item == about), None)
    if name is None:
        raise UsageError(f"There is no window {window!r}. There are: {', '.join(WINDOWS)}.")
    if among is None:
        raise UsageError(f"'about' is {about!r}, but must be 'all' or 'us'.")
    mark = change_mark(context)
    return derived(context).get(
        ("overview", name, among), mark, lambda: _make(context, name, among, mark)
    )


def _default(context: Context) -> WindowName:
    """Twelve months while what was collected here fills them, else all years."""
    own = [rows for rows in _own(context, _scopes(), "us").values() if rows]
    if not own or not reference_scopes(context, SCOPE_ALL):
        return "all"
    span = max(rows[-1].day for rows in own) - min(rows[0].day for rows in own)
    return "year" if ENOUGH <= span <= TOO_MUCH else "all"


def _scopes() -> list[str]:
    return [group_scope(group.value) for group in Group]


def change_mark(context: Context) -> str:
    """Return a text that changes when what the charts are made of changes."""
    tokens = [context.store.get_meta(name) for name in TOKENS]
    return "|".join((*tokens, context.model, context.catalogue.digest))


def _make(context: Context, name: WindowName, about: About, mark: str) -> Overview:
    scopes = _scopes()
    past = reference(context, "us")
    # The groups' days of the last months are needed for the standing in every window.
    own = _own(context, scopes, "us")
    shifts = known_shifts(context)
    days = [rows[edge].day for rows in own.values() if rows for edge in (0, -1)]
    old = [rows[edge].day for rows in past.values() if rows for edge in (0, -1)]
    until = max(days or old, default=context.clock().date())
    window = _window(name, min([*days, *old], default=until - timedelta(days=365)), until)
    groups = standings(context, own, past, shifts, until)
    return Overview(
        mark=mark,
        model=context.model,
        window=window,
        about=about,
        empty=not days,
        headline=headline(groups, empty=not days, earlier=_earlier(shifts, until)),
        groups=groups,
        tracks=_tracks(context, window, about, own),
        shifts=tuple(sorted(shifts, key=lambda item: (item.onset, item.id))),
    )


def _earlier(shifts: Sequence[Shift], until: date) -> Shift | None:
    """The newest alert about a signal in a whole group, up to `until`."""
    told = [
        shift
        for shift in shifts
        if shift.level is Level.ALERT
        and shift.alarm_date <= until
        and shift.series.startswith(SIGNAL)
        and "|group:" in shift.series
    ]
    return max(told, key=lambda shift: shift.onset, default=None)


def _own(
    context: Context, scopes: Sequence[str], about: About
) -> Mapping[str, Sequence[DayCounts]]:
    key = ("collected", tuple(scopes), about)
    return derived(context).get(
        key, change_mark(context), lambda: collected(context, scopes, about)
    )


def _window(name: WindowName, first: date, until: date) -> Window:
    since = first if name == "all" else max(first, until - timedelta(days=_DAYS[name]))
    return Window(name, since, until)


def _coarse(rows: Sequence[DayCounts]) -> Every:
    """A period that cuts these days into some three to sixteen."""
    days = (rows[-1].day - rows[0].day).days if rows else 0
    if days <= 100:
        return "week"
    return "month" if days <= 500 else "quarter" if days <= 1500 else "year"


def _tracks(
    context: Context, window: Window, about: About, own_us: Mapping[str, Sequence[DayCounts]]
) -> tuple[Track, ...]:
    scopes = _scopes()
    own = own_us if about == "us" else _own(context, scopes, about)
    past, past_us = reference(context, about), reference(context, "us")
    found = []
    rows: Sequence[DayCounts]
    us: Sequence[DayCounts]
    for group in Group:
        scope = group_scope(group.value)
        for name in reference_scopes(context, scope):
            title = f"{scope_title(context, name)}, reference"
            rows, us = past.get(name, ()), past_us.get(name, ())
            found.append(_track(name, group.value, title, True, rows, us, window))
        title = group_title(group.value)
        rows, us = own.get(scope, ()), own_us.get(scope, ())
        found.append(_track(scope, group.value, title, False, rows, us, window))
    return tuple(track for track in found if track.buckets)


def _track(
    scope: str,
    group: str,
    title: str,
    is_reference: bool,
    rows: Sequence[DayCounts],
    us: Sequence[DayCounts],
    window: Window,
) -> Track:
    shown = within(rows, window.since, window.until)
    choices = _CHOICES[window.name]
    if window.name == "all" and (window.until - window.since).days <= 540:
        choices = _CHOICES["year"]
    every = steady(shown, choices, STEADY_SAMPLE if is_reference else STEADY_ARTICLES)
    shown_us = shown if us is rows else within(us, window.since, window.until)
    coarse = _coarse(shown_us)
    if us is rows:
        buckets, bars = gather_each(shown, (every, coarse), sums=False)
    else:
        (buckets,) = gather_each(shown, (every,), sums=False)
        (bars,) = gather_each(shown_us, (coarse,), sums=False)
    return Track(
        scope=scope,
        group=group,
        title=title,
        reference=is_reference,
        every=every,
        buckets=tuple(buckets),
        coarse=coarse,
        us=tuple(bars),
    )
