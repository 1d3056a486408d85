"""`make reference`: classify real histories and keep the counts, never the texts.

The histories go through the same stages as an import, into a store that is thrown away;
what stays is one row a day and outlet: n, and for each label a count and a summed
probability. The file ships with the package, so that the first page a user sees has a past.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import track

from services import pipeline
from services.collect.importing import BadRow, read_rows
from services.context import Context, open_context
from services.domain.article import Article
from services.domain.series import DayCounts, outlet_scope
from services.errors import FramewatchError, PermanentError
from services.settings import load_settings
from services.shifts.reference import PACKAGED, ReferenceSource, write_reference

BATCH = 1024


@dataclass(frozen=True, slots=True)
class History:
    """One file of a history, and what a reader of its figures must know."""

    file: str
    outlet: str
    name: str
    note: str
    sampled: bool
    title_field: str = "title"


HISTORIES = (
    History(
        "history/rt_2014_2024.jsonl.gz",
        "rt",
        "RT 2014-2024",
        "English headlines with the first words of the lead; dense from March to August 2014, "
        "then a random sample of 100 to 215 articles a month; the US and UK sections all but "
        "vanish from 2022",
        sampled=True,
    ),
    History(
        "history/tass_2025_2026.jsonl.gz",
        "tass",
        "TASS 2025-2026",
        "English headlines with the first words of the lead; about 100 a day from late October "
        "2025, fewer before",
        sampled=False,
    ),
    History(
        "parallel/channel_one_2000_2024.jsonl.gz",
        "channel-one",
        "Channel One 2000-2024",
        "Russian headlines without leads; about 15 a day, spread evenly over the years",
        sampled=True,
        title_field="ru",
    ),
)


def build(shared: Path, target: Path, console: Console) -> None:
    """Classify the histories below `shared` that the active model can read; write `target`."""
    present = [item for item in HISTORIES if (shared / item.file).is_file()]
    if not present:
        raise PermanentError(
            f"No history was found in {shared}. It must hold one of: "
            f"{', '.join(item.file for item in HISTORIES)}."
        )
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data=Path(folder))
        with open_context(settings) as context:
            used = [item for item in present if _readable(context, item)]
            for item in used:
                _take(context, _rows(context, shared / item.file, item, Path(folder)), item)
            pipeline.count(context)
            scopes = [outlet_scope(item.outlet) for item in used]
            counts = [row for row in context.store.day_counts(context.model, scopes) if row.n]
            sources = [_source(item, counts) for item in used]
            write_reference(target, counts, sources, context.model)
    console.print(f"{target}: {len(counts):,} rows, {target.stat().st_size / 1024:.0f} KiB")


def _readable(context: Context, item: History) -> bool:
    outlet = context.catalogue.get(item.outlet)
    return outlet is not None and outlet.language in context.manifest.languages


def _source(item: History, counts: list[DayCounts]) -> ReferenceSource:
    scope = outlet_scope(item.outlet)
    rows = [row for row in counts if row.scope == scope and row.about == "all"]
    return ReferenceSource(
        outlet=item.outlet,
        name=item.name,
        first=min(row.day for row in rows),
        last=max(row.day for row in rows),
        articles=sum(row.n for row in rows),
        sampled=item.sampled,
        note=item.note,
    )


def _rows(context: Context, path: Path, item: History, folder: Path) -> Iterator[Article | BadRow]:
    """The file's rows as articles; a file with other field names is brought into shape first."""
    if item.title_field != "title":
        shaped = folder / "shaped.jsonl.gz"
        with _lines(path) as source, gzip.open(shaped, "wt", 1, "utf-8") as sink:
            for line in source:
                row = json.loads(line)
                keep = {name: row[name] for name in ("outlet", "date", "url")}
                sink.write(json.dumps(keep | {"title": row[item.title_field]}) + "\n")
        path = shaped
    return read_rows(path, context.catalogue, context.clock())


def _lines(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8")


def _take(context: Context, rows: Iterator[Article | BadRow], item: History) -> None:
    batches = iter(lambda: list(islice(rows, BATCH)), [])
    for batch in track(batches, description=item.outlet, total=None):
        articles = [row for row in batch if isinstance(row, Article)]
        _, fresh = pipeline.add(context, articles)
        pipeline.classify(context, fresh)


def main() -> None:
    """Read the options and build the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder of the histories")
    parser.add_argument("--output", type=Path, default=PACKAGED)
    arguments = parser.parse_args()
    console = Console()
    try:
        build(arguments.shared, arguments.output, console)
    except FramewatchError as error:
        console.print(str(error), style="bold red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
