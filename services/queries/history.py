"""Day counts of a scope: what was collected here, and what the reference history holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from services.context import Context
from services.domain.series import ABOUTS, SCOPE_ALL, About, DayCounts, Histories, outlet_scope
from services.queries.cache import derived


def collected(
    context: Context,
    scopes: Sequence[str],
    about: About,
    since: date | None = None,
    until: date | None = None,
) -> dict[str, tuple[DayCounts, ...]]:
    """Return what this installation collected, by the active model, in the order of days.

    Every scope asked for has an entry; days without an article are left out.
    """
    found: dict[str, list[DayCounts]] = {scope: [] for scope in scopes}
    for row in context.store.day_counts(context.model, scopes, about, since, until):
        if row.n > 0:
            found[row.scope].append(row)
    return {scope: tuple(rows) for scope, rows in found.items()}


def reference(context: Context, about: About) -> Histories:
    """Return the reference history by scope: outlets, groups and all outlets together.

    Only outlets of the catalogue: another catalogue watches another world.
    """

    def sort() -> dict[About, Histories]:
        groups = context.catalogue.groups()
        past = context.reference
        known = tuple(row for row in past.rows if context.catalogue.get(row.outlets[0]))
        kept = past if len(known) == len(past.rows) else replace(past, rows=known)
        return {name: kept.histories(name, groups) for name in ABOUTS}

    mark = f"{context.reference.model} {context.catalogue.digest}"
    return derived(context).get("reference", mark, sort)[about]


def reference_scopes(context: Context, scope: str) -> list[str]:
    """Return the outlet scopes of the reference history that belong to `scope`.

    Outlets are kept apart, because their histories cover different years in different ways.
    """
    known = {
        outlet_scope(source.outlet)
        for source in context.reference.sources
        if context.catalogue.get(source.outlet)
    }
    if scope == SCOPE_ALL:
        return sorted(known)
    if scope.startswith("group:"):
        members = context.catalogue.in_group(scope.removeprefix("group:"))
        return [name for name in map(outlet_scope, members) if name in known]
    return [scope] if scope in known else []


def within(rows: Iterable[DayCounts], since: date | None, until: date | None) -> list[DayCounts]:
    """Return the rows from `since` to `until`, both included."""
    return [
        row
        for row in rows
        if (since is None or row.day >= since) and (until is None or row.day <= until)
    ]


def reference_note(context: Context) -> str:
    """Say what must be borne in mind about the reference history; empty without one."""
    past = context.reference
    if not past.rows:
        return ""
    other = (
        f" It was labelled by model {past.model}, not by the active one, {context.model}."
        if past.model != context.model
        else ""
    )
    return f"Reference history, for context: {past.note}.{other}"
