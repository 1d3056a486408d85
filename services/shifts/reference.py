"""The packaged reference history: facts about real outlets before this installation began.

One gzip file with two lines of JSON: a header (format, model id, sources with their caveats,
a checksum of the second line), and one row per outlet, day and about: n, 27 counts and 27
summed probabilities in thousandths. It holds no texts. `write_reference` makes the same bytes
from the same facts.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.domain.codebook import LABELS
from services.domain.series import (
    ABOUTS,
    SCOPE_ALL,
    About,
    DayCounts,
    Histories,
    group_scope,
    joined_sources,
    outlet_scope,
)
from services.errors import ConfigurationError

FORMAT: Final = 1
PACKAGED: Final = Path(__file__).with_name("data") / "reference.json.gz"
_ABOUT: Final[dict[int, About]] = dict(enumerate(ABOUTS))


@dataclass(frozen=True, slots=True)
class ReferenceSource:
    """Where an outlet's reference days come from, and what to keep in mind when reading them.

    `outlet` is a catalogue id; `first` and `last` are the days covered; `sampled` is True when
    the articles are a sample, so that shares can be read but numbers of articles cannot.
    """

    outlet: str
    name: str
    first: date
    last: date
    articles: int
    sampled: bool = False
    licence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference history by outlet scope, for each about; see `histories`."""

    model: str
    sources: tuple[ReferenceSource, ...]
    rows: tuple[DayCounts, ...]

    def histories(
        self, about: About, groups: Mapping[str, tuple[str, ...]] | None = None
    ) -> Histories:
        """Return histories by scope; with `groups` also those of the groups and of `all`.

        A group's day is the sum over its outlets: the facts hold no texts, so a story that two
        outlets ran on one day counts twice here.
        """
        found: dict[str, list[DayCounts]] = defaultdict(list)
        for row in self.rows:
            if row.about == about:
                found[row.scope].append(row)
        if groups is not None:
            found.update(_wide(found, groups))
        return {scope: tuple(rows) for scope, rows in found.items()}

    @property
    def note(self) -> str:
        """One paragraph for readers: what the reference history is and its caveats."""
        parts = [
            f"{item.name}: {item.articles:,} articles, {item.first} to {item.last}"
            + (f" ({item.note})" if item.note else "")
            for item in self.sources
        ]
        return "; ".join(parts)


EMPTY: Final = Reference(model="", sources=(), rows=())


def load_reference(path: Path | None = None) -> Reference:
    """Read the packaged reference history, or the one at `path`.

    Without a packaged file the reference is empty, which is a normal state. A file that was
    asked for and is missing, and any file that is damaged, raises ConfigurationError.
    """
    if path is None and not PACKAGED.exists():
        return EMPTY
    place = path or PACKAGED
    try:
        return _parse(gzip.decompress(place.read_bytes()))
    except FileNotFoundError:
        raise ConfigurationError(f"There is no reference history at {place}.") from None
    except gzip.BadGzipFile as error:
        raise ConfigurationError(_damaged(place, error)) from None
    except OSError as error:
        raise ConfigurationError(
            f"The reference history {place} cannot be read ({error.strerror or error})."
        ) from None
    except (EOFError, zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigurationError(_damaged(place, error)) from None


def _damaged(place: Path, error: Exception) -> str:
    return (
        f"The reference history {place} is damaged or of another version ({error}); reinstall "
        "Framewatch or rebuild it with 'make reference'."
    )


def _parse(content: bytes) -> Reference:
    first, _, second = content.partition(b"\n")
    header = json.loads(first)
    if header["format"] != FORMAT:
        raise ValueError(f"format {header['format']}, this version reads format {FORMAT}")
    if header["labels"] != list(LABELS):
        raise ValueError("its labels are not those of the codebook")
    if header["checksum"] != hashlib.sha256(second).hexdigest():
        raise ValueError("the checksum does not match")
    sources = tuple(_source(item) for item in header["sources"])
    return Reference(header["model"], sources, _read_rows(header, json.loads(second), sources))


def write_reference(
    path: Path, counts: Iterable[DayCounts], sources: Sequence[ReferenceSource], model: str
) -> None:
    """Write the outlet rows of `counts` (other scopes are derived on reading) to `path`.

    Days without articles are left out. Raises ValueError when a row is of another model or of
    an outlet that no source names.
    """
    outlets = sorted({source.outlet for source in sources})
    index = {outlet_scope(outlet): position for position, outlet in enumerate(outlets)}
    kept = []
    for row in counts:
        if not row.scope.startswith("outlet:") or row.n == 0:
            continue
        if row.model != model:
            raise ValueError(f"{row.scope} on {row.day} was counted by {row.model}, not {model}")
        if row.scope not in index:
            raise ValueError(f"no source names {row.scope}")
        kept.append(
            [
                index[row.scope],
                row.day.toordinal(),
                ABOUTS.index(row.about),
                row.n,
                *row.counts,
                *(round(1000 * value) for value in row.sums),
            ]
        )
    kept.sort()
    rows = json.dumps(kept, separators=(",", ":")).encode()
    header = {
        "format": FORMAT,
        "model": model,
        "labels": LABELS,
        "outlets": outlets,
        "sources": [
            asdict(item) | {"first": item.first.isoformat(), "last": item.last.isoformat()}
            for item in sorted(sources, key=lambda item: (item.outlet, item.first))
        ],
        "checksum": hashlib.sha256(rows).hexdigest(),
    }
    content = json.dumps(header).encode() + b"\n" + rows
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


def _source(item: dict[str, Any]) -> ReferenceSource:
    days = {name: date.fromisoformat(item[name]) for name in ("first", "last")}
    return ReferenceSource(**(item | days))


def _read_rows(
    header: dict[str, Any], rows: list[list[int]], sources: Sequence[ReferenceSource]
) -> tuple[DayCounts, ...]:
    labels = len(LABELS)
    found = []
    for row in rows:
        outlet = header["outlets"][row[0]]
        day = date.fromordinal(row[1])
        found.append(
            DayCounts(
                scope=outlet_scope(outlet),
                about=_ABOUT[row[2]],
                day=day,
                model=header["model"],
                n=row[3],
                counts=tuple(row[4 : 4 + labels]),
                sums=tuple([value / 1000 for value in row[4 + labels :]]),
                outlets=(outlet,),
                source=_source_name(outlet, day, sources),
            )
        )
    return tuple(found)


def _source_name(outlet: str, day: date, sources: Sequence[ReferenceSource]) -> str:
    for source in sources:
        if source.outlet == outlet and source.first <= day <= source.last:
            return source.name
    return "reference"


def _wide(
    outlets: Mapping[str, Sequence[DayCounts]], groups: Mapping[str, tuple[str, ...]]
) -> dict[str, list[DayCounts]]:
    members = {group_scope(name): ids for name, ids in groups.items()}
    known = tuple(sorted({row.outlets[0] for rows in outlets.values() for row in rows}))
    wide = {}
    for scope, ids in {**members, SCOPE_ALL: known}.items():
        by_day: dict[date, list[DayCounts]] = defaultdict(list)
        for outlet in sorted(set(ids)):
            for row in outlets.get(outlet_scope(outlet), ()):
                by_day[row.day].append(row)
        if by_day:
            wide[scope] = [_added(scope, by_day[day]) for day in sorted(by_day)]
    return wide


def _added(scope: str, rows: Sequence[DayCounts]) -> DayCounts:
    first = rows[0]
    if len(rows) == 1:
        counts, sums = first.counts, first.sums
    else:
        counts = tuple(np.sum([row.counts for row in rows], axis=0).tolist())
        sums = tuple(np.round(np.sum([row.sums for row in rows], axis=0), 6).tolist())
    return DayCounts(
        scope=scope,
        about=first.about,
        day=first.day,
        model=first.model,
        n=sum(row.n for row in rows),
        counts=counts,
        sums=sums,
        outlets=tuple(sorted({name for row in rows for name in row.outlets})),
        source=joined_sources(row.source for row in rows),
    )
