"""Names as users write them, turned into the names that the store and the series use."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date

from services.context import Context
from services.domain.codebook import FRAMES, LABELS, RELATIONS, US
from services.domain.outlet import Group
from services.domain.series import (
    ABOUTS,
    SCOPE_ALL,
    About,
    SeriesKey,
    group_scope,
    outlet_scope,
)
from services.errors import UsageError
from services.framing.codebook import load_codebook

Names = str | Sequence[str]
SIGNAL = "signal="


def parse_label(text: str) -> str:
    """Return the canonical form of a label or signal: `relations=detente`, `signal=thaw`.

    Case, accents and spaces around do not count. Raises UsageError that names what comes near.
    """
    known = [*LABELS, *(f"{SIGNAL}{name}" for name in load_codebook().signals)]
    wanted = _plain(text).replace(" ", "")
    if wanted in known:
        return wanted
    near = [name for name in known if name.split("=")[1] == wanted]
    near += difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    hint = f" Did you mean {_either(dict.fromkeys(near))}?" if near else ""
    raise UsageError(
        f"There is no label {text!r}.{hint} Labels are written us=NAME, relations=NAME, "
        f"frame=NAME or signal=NAME; the codebook lists them all."
    )


def series_key(
    context: Context,
    label: str,
    group: str | None = None,
    outlet: str | None = None,
    about: str = "all",
) -> SeriesKey:
    """Return the key of the series that these names describe.

    A signal is counted among the articles that the codebook says, whatever `about` is.
    """
    name = parse_label(label)
    if group and outlet:
        raise UsageError("A series is about one group or one outlet: name one of the two.")
    scope = SCOPE_ALL
    if group:
        scope = group_scope(group_name(group))
    elif outlet:
        scope = outlet_scope(outlet_ids(context, (outlet,))[0])
    if name.startswith(SIGNAL):
        return SeriesKey(name, scope, context.codebook.signals[name.removeprefix(SIGNAL)].about)
    return SeriesKey(name, scope, about_name(about))


def about_name(text: str) -> About:
    """Return `all` or `us`; UsageError for anything else."""
    for name in ABOUTS:
        if text.strip().lower() == name:
            return name
    raise UsageError(
        f"'about' is {text!r}, but must be 'all' (every article) or 'us' (articles about the US)."
    )


def group_name(text: str) -> str:
    """Return the canonical name of an outlet group."""
    return _one_of(text, [group.value for group in Group], "group")


def outlet_ids(context: Context, outlets: Names = (), groups: Names = ()) -> tuple[str, ...]:
    """Return catalogue ids of the outlets named, or of all in the groups, or of both at once.

    With both, an outlet must be named and be in one of the groups. Nothing named: empty.
    """
    named = [_outlet(context, name) for name in many(outlets)]
    members = [
        member for name in many(groups) for member in context.catalogue.in_group(group_name(name))
    ]
    if not many(groups):
        return tuple(dict.fromkeys(named))
    if not many(outlets):
        if not members:
            raise UsageError(f"The catalogue has no outlet in group {_either(many(groups))}.")
        return tuple(dict.fromkeys(members))
    both = tuple(name for name in dict.fromkeys(named) if name in members)
    if not both:
        raise UsageError(
            f"None of the outlets {', '.join(named)} is in group {_either(many(groups))}."
        )
    return both


def label_names(values: Names, kind: str) -> tuple[str, ...]:
    """Return bare names of `us`, `relations` or `frame` labels; `us=hostile` is taken too."""
    valid = {"us": US, "relations": RELATIONS, "frame": FRAMES}[kind]
    return tuple(
        _one_of(_plain(value).removeprefix(f"{kind}="), valid, kind) for value in many(values)
    )


def day(value: date | str | None, name: str) -> date | None:
    """Return a UTC day from a date or an ISO text; UsageError when it is neither."""
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"'{name}' is {value!r}, but must be a day such as 2025-02-16.") from None


def check_days(since: date | None, until: date | None) -> None:
    """Refuse a period that ends before it begins."""
    if since and until and since > until:
        raise UsageError(f"The period begins on {since} but ends before that, on {until}.")


def many(values: Names | None) -> tuple[str, ...]:
    """Return the names in a text (comma-separated) or sequence, without empty ones."""
    if not values:
        return ()
    parts = values.split(",") if isinstance(values, str) else values
    return tuple(part.strip() for part in parts if part.strip())


def _outlet(context: Context, name: str) -> str:
    found = context.catalogue.get(name)
    if found is None:
        known = ", ".join(outlet.id for outlet in context.catalogue.outlets)
        raise UsageError(f"The catalogue has no outlet {name!r}. It has: {known}.")
    return found.id


def _one_of(text: str, valid: Sequence[str], kind: str) -> str:
    wanted = _plain(text)
    if wanted not in valid:
        raise UsageError(f"There is no {kind} {text!r}. There are: {', '.join(valid)}.")
    return wanted


def _plain(text: str) -> str:
    """Lower case without accents, so that `détente` is `detente`."""
    parts = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def _either(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)
