"""The catalogue of outlets: the packaged one, replaced or extended by a file of the user's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from services.domain.identity import digest
from services.domain.outlet import Group, Outlet
from services.errors import ConfigurationError
from services.outlets.entries import Entry, merge, outlet_of, read_entries

PACKAGED = Path(__file__).with_name("outlets.yaml")


@dataclass(frozen=True)
class Catalogue:
    """All outlets, in the order of the file."""

    outlets: tuple[Outlet, ...]
    _names: Mapping[str, Outlet] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = {name.casefold(): item for item in self.outlets for name in names_of(item)}
        object.__setattr__(self, "_names", names)

    def get(self, name: str) -> Outlet | None:
        """Return the outlet with this id, name or alias; case and outer spaces do not count."""
        return self._names.get(" ".join(name.split()).casefold())

    def in_group(self, group: str) -> tuple[str, ...]:
        """Return the ids of the outlets in `group`; empty for an unknown group."""
        return tuple(item.id for item in self.outlets if item.group == group)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Return outlet ids by group, every group included."""
        return {group.value: self.in_group(group) for group in Group}

    @cached_property
    def digest(self) -> str:
        """An id that changes when an outlet joins, leaves or changes its group."""
        return digest("catalogue", *sorted(f"{item.group}|{item.id}" for item in self.outlets))


def names_of(outlet: Outlet) -> tuple[str, ...]:
    """Return every name under which an outlet may be called."""
    return (outlet.id, outlet.name, *outlet.aliases)


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Load the packaged catalogue, or `path` in its place or (`extend: true`) on top of it.

    Raises ConfigurationError with one line for every mistake: file, line, what is wrong.
    """
    if path is None:
        return _build(read_entries(PACKAGED).entries)
    own = read_entries(path)
    return _build(merge(read_entries(PACKAGED).entries, own.entries) if own.extend else own.entries)


def _build(entries: Iterable[Entry]) -> Catalogue:
    problems: list[str] = []
    outlets: list[Outlet] = []
    taken: dict[str, Entry] = {}
    for entry in entries:
        outlet = outlet_of(entry, problems)
        if outlet is None:
            continue
        for key, what in _claims(outlet):
            other = taken.setdefault(key, entry)
            if other is not entry:
                problems.append(
                    f"{entry.place}: {what} of outlet {outlet.id!r} is already taken by the "
                    f"outlet in {other.place}."
                )
        outlets.append(outlet)
    if problems:
        raise ConfigurationError("\n".join(problems))
    return Catalogue(tuple(outlets))


def _claims(outlet: Outlet) -> list[tuple[str, str]]:
    """What only one outlet may hold: its id, its names and its feed."""
    names = {name.casefold(): name for name in names_of(outlet)}
    feed = outlet.feed.split("://", 1)[-1].removeprefix("www.").rstrip("/").casefold()
    return [
        *((f"name {key}", f"the name {name!r}") for key, name in names.items()),
        (f"feed {feed}", f"the feed {outlet.feed}"),
    ]
