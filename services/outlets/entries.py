"""A catalogue file as entries that remember their lines, and their validation.

The file is read as YAML nodes, not as values, because only nodes know their lines, and because
YAML would turn the language code `no` into False.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from services.domain.outlet import Certainty, Outlet
from services.errors import ConfigurationError
from services.outlets.fields import KEYS, REQUIRED, FieldError, read_field, read_flag

MAX_BYTES: Final = 2**20
_TOP_KEYS: Final = ("extend", "outlets")


@dataclass(frozen=True, slots=True)
class Entry:
    """One outlet as written: its place, and for each key the YAML node and the node's place."""

    place: str
    fields: Mapping[str, tuple[yaml.Node, str]]

    @property
    def id(self) -> str:
        """The id as written; empty when there is none."""
        node = self.fields.get("id", (None, ""))[0]
        return node.value if isinstance(node, yaml.ScalarNode) else ""


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A catalogue file: its entries, and whether they extend the packaged catalogue."""

    entries: tuple[Entry, ...]
    extend: bool


def read_entries(path: Path) -> EntryFile:
    """Read a catalogue file; ConfigurationError when it cannot be read as one."""
    root = _compose(path)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigurationError(f"{path}, line 1: a catalogue needs the key 'outlets' on top.")
    problems: list[str] = []
    top = _mapping(root, path, _TOP_KEYS, problems)
    listing = top.get("outlets", (None, f"{path}, line 1"))
    if not isinstance(listing[0], yaml.SequenceNode):
        problems.append(f"{listing[1]}: 'outlets' must be a list of outlets.")
    extend = False
    if "extend" in top:
        node, place = top["extend"]
        try:
            extend = read_flag(node)
        except FieldError as mistake:
            problems.append(f"{place}: 'extend' {mistake}.")
    entries = []
    for node in listing[0].value if isinstance(listing[0], yaml.SequenceNode) else ():
        place = _place(path, node)
        if isinstance(node, yaml.MappingNode):
            entries.append(Entry(place, _mapping(node, path, KEYS, problems)))
        else:
            problems.append(f"{place}: an outlet is written as keys and values.")
    if problems:
        raise ConfigurationError("\n".join(problems))
    return EntryFile(tuple(entries), extend)


def merge(base: Iterable[Entry], own: Iterable[Entry]) -> list[Entry]:
    """Lay `own` over `base`: fields of entries with the same id win, other entries follow."""
    merged = {entry.id: entry for entry in base}
    extra: list[Entry] = []
    overridden: set[str] = set()
    for entry in own:
        if entry.id in merged and entry.id not in overridden:
            overridden.add(entry.id)
            fields = {**merged[entry.id].fields, **entry.fields}
            merged[entry.id] = replace(entry, fields=fields)
        else:
            extra.append(entry)
    return [*merged.values(), *extra]


def outlet_of(entry: Entry, problems: list[str]) -> Outlet | None:
    """Build the outlet, or None after adding a sentence to `problems` for each mistake."""
    before = len(problems)
    values: dict[str, Any] = {"reason": "", "source": "", "certainty": Certainty.C}
    problems.extend(
        f"{entry.place}: the outlet {entry.id or '(without id)'!r} has no {key!r}."
        for key in REQUIRED
        if key not in entry.fields
    )
    for key, (node, place) in entry.fields.items():
        try:
            values[key] = read_field(key, node)
        except FieldError as mistake:
            problems.append(f"{place}: {key!r} {mistake}.")
    return Outlet(**values) if len(problems) == before else None


def _compose(path: Path) -> yaml.Node | None:
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise ConfigurationError(f"{path}: a catalogue larger than 1 MiB is not read.")
        return yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigurationError(
            f"{path}: the catalogue cannot be read ({error.strerror or error})."
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: the catalogue is not a UTF-8 text file.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(
            f"{path}, line {line}: this is not YAML: {error.problem or error.context}."
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"{path}: this is not YAML: {error}.") from None


def _place(path: Path, node: yaml.Node) -> str:
    return f"{path}, line {node.start_mark.line + 1}"


def _mapping(
    node: yaml.MappingNode, path: Path, allowed: tuple[str, ...], problems: list[str]
) -> dict[str, tuple[yaml.Node, str]]:
    found: dict[str, tuple[yaml.Node, str]] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        place = _place(path, key_node)
        if key not in allowed:
            problems.append(f"{place}: {key!r} is not a key here; known are {', '.join(allowed)}.")
        elif key in found:
            problems.append(f"{place}: the key {key!r} stands here a second time.")
        else:
            found[key] = (value_node, place)
    return found
