"""`framewatch import`: articles from files, classified on the way."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from services import pipeline
from services.cli.ahead import read_ahead
from services.cli.options import CatalogueFile, Data, Json, settings_for
from services.cli.output import clean, err, print_json, say, table
from services.collect.importing import BadRow, read_rows
from services.context import Context, open_context
from services.domain.article import Article, EntryOutcome
from services.errors import PermanentError

BATCH = 1024
BAD_ROWS_SHOWN = 20
BAD_ROWS_KEPT = 10_000  # a file of the wrong kind must not fill the memory


@dataclass(slots=True)
class Tally:
    """What became of the rows: every row ends in exactly one outcome."""

    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    classified: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[Path, BadRow]] = field(default_factory=list)
    bad_count: int = 0


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JSONL or JSONL.gz files.")],
    data: Data = None,
    catalogue: CatalogueFile = None,
    as_json: Json = False,
) -> int:
    """Import articles from files and classify them on the way.

    One JSON object a line: outlet, url, title, and date or published; lead, text and language
    if you have them. Rows that cannot be read are listed by line number and never stop the
    rest. Importing a file twice changes nothing.
    """
    for path in files:
        _check_readable(path)
    with open_context(settings_for(data, catalogue)) as context:
        tally = Tally()
        with _progress() as progress:
            for path in files:
                _import_file(context, path, tally, progress)
            _finish(context, tally, progress)
            copies = progress.add_task("looking for copies", total=None)
            pipeline.link_copies(context, on_batch=lambda done: progress.advance(copies, done))
            days = pipeline.count(context)
            bar = progress.add_task("looking for shifts", total=1)
            found = pipeline.detect(context)
            pipeline.raise_alerts(context)
            progress.update(bar, completed=1)
        _report(context, tally, days, len(found), as_json)
    return 1 if tally.rows and tally.bad_count == tally.rows else 0


def _check_readable(path: Path) -> None:
    """Look at every file before the first row is stored."""
    if path.is_dir():
        raise PermanentError(f"{path} is a folder; name JSONL or JSONL.gz files.")
    if not path.exists():
        raise PermanentError(f"There is no file {path}; name JSONL or JSONL.gz files.")
    if not path.is_file():
        raise PermanentError(f"{path} is no ordinary file; save its rows in one first.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise PermanentError(f"{path} cannot be read: {error.strerror}.") from error


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def _import_file(context: Context, path: Path, tally: Tally, progress: Progress) -> None:
    bar = progress.add_task(f"importing {clean(path.name)}", total=_lines(path))
    for batch in read_ahead(_stored(context, path)):
        tally.rows += batch.rows
        tally.bad_count += len(batch.bad)
        tally.bad += [(path, row) for row in batch.bad[: BAD_ROWS_KEPT - len(tally.bad)]]
        if batch.bad:
            tally.outcomes[EntryOutcome.BAD_ROW] += len(batch.bad)
        tally.outcomes.update(str(outcome) for outcome in batch.outcomes.elements())
        tally.classified.update(pipeline.classify(context, batch.fresh))
        progress.advance(bar, batch.rows)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows that are read and stored; `fresh` are the ids that want a label."""

    rows: int
    bad: list[BadRow]
    outcomes: Counter[EntryOutcome]
    fresh: list[str]


def _stored(context: Context, path: Path) -> Iterator[_Batch]:
    """Read and store batch after batch; runs beside the classifier, which takes longer."""
    rows = read_rows(path, context.catalogue, context.clock())
    while batch := list(islice(rows, BATCH)):
        bad = [row for row in batch if isinstance(row, BadRow)]
        articles = [row for row in batch if isinstance(row, Article)]
        yield _Batch(len(batch), bad, *pipeline.add(context, articles))


def _finish(context: Context, tally: Tally, progress: Progress) -> None:
    """Classify what an earlier, interrupted import left behind."""
    bar: TaskID | None = None
    waiting = context.store.stats(context.model).unclassified
    if waiting:
        bar = progress.add_task("classifying what was left", total=waiting)

    def on_batch(size: int) -> None:
        if bar is not None:
            progress.advance(bar, size)

    tally.classified.update(pipeline.classify_waiting(context, on_batch))


def _lines(path: Path) -> int | None:
    """Lines in the file, for the estimate only; None when it cannot be read to its end."""
    try:
        return sum(block.count(b"\n") for block in _blocks(path))
    except (OSError, EOFError, zlib.error):
        return None


def _blocks(path: Path) -> Iterator[bytes]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        while block := stream.read(1 << 20):
            yield block


def _report(context: Context, tally: Tally, days: int, shifts: int, as_json: bool) -> None:
    stats = context.store.stats(context.model)
    if as_json:
        print_json(
            {
                "rows": tally.rows,
                "outcomes": dict(tally.outcomes),
                "classified": dict(tally.classified),
                "days_counted": days,
                "shifts": shifts,
                "articles_in_store": stats.articles,
                "bad_rows": [
                    {"file": str(path), "line": row.line, "error": row.sentence}
                    for path, row in tally.bad
                ],
            }
        )
        return
    for path, row in tally.bad[:BAD_ROWS_SHOWN]:
        say(f"{path}, line {row.line}: {clean(row.sentence)}", "yellow")
    if tally.bad_count > BAD_ROWS_SHOWN:
        more = tally.bad_count - BAD_ROWS_SHOWN
        say(f"… and {more:,} more rows; --json lists up to {BAD_ROWS_KEPT:,}.", "yellow")
    lines = [(name, f"{tally.outcomes[name]:,}") for name in sorted(tally.outcomes)]
    lines += [(f"→ {name}", f"{tally.classified[name]:,}") for name in sorted(tally.classified)]
    table(f"{tally.rows:,} rows read", ("outcome", "rows"), lines)
    say(f"The store now holds {stats.articles:,} articles. {shifts} shifts are new or stronger.")
