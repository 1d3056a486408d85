"""`framewatch classify`: texts in, labels out, without touching the store."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from services.cli.options import settings_for
from services.collect.text.language import detect_language
from services.errors import PermanentError, UsageError
from services.framing.classifier import Classifier, FramingInput, FramingResult

BATCH = 512


@dataclass(frozen=True, slots=True)
class _Row:
    id: Any
    text: FramingInput | None
    error: str = ""


def classify(
    source: Annotated[
        Path | None,
        typer.Option("--input", metavar="FILE", help="JSONL to read; standard input if left out."),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="JSONL to write; standard output if not."),
    ] = None,
) -> int:
    """Label texts: JSONL in, JSONL out, in the same order, one line for each line.

    A line holds title, and id, lead, text and language if you have them. A line that cannot
    be read comes back as outcome "bad_row" with a sentence. Nothing is stored.
    """
    if source and target and target.exists() and target.samefile(source):
        raise UsageError(f"{target} cannot be read and written at once; name another --output.")
    settings = settings_for(None)
    model = Classifier.load(settings.model, threads=settings.threads)
    failed = 0
    with _reading(source) as lines, _writing(target) as sink:
        rows = (_read(line) for line in lines if line.strip())
        while batch := list(islice(rows, BATCH)):
            results = iter(model.classify([row.text for row in batch if row.text is not None]))
            for row in batch:
                result = next(results) if row.text is not None else None
                failed += result is None
                sink.write(json.dumps(_line(row, result, model.model_id), ensure_ascii=False))
                sink.write("\n")
            sink.flush()  # a reader at the other end of a pipe need not wait for the last line
    return 1 if failed else 0


@contextmanager
def _reading(path: Path | None) -> Iterator[IO[bytes]]:
    if path is None:
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise PermanentError(f"{path} cannot be read: {error.strerror}.") from error
    with stream:
        yield stream


@contextmanager
def _writing(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    try:
        stream = path.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise PermanentError(f"{path} cannot be written: {error.strerror}.") from error
    with stream:
        yield stream


def _read(line: bytes) -> _Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        return _Row(None, None, f"The line is not JSON: {error}.")
    except RecursionError:
        return _Row(None, None, "The line is JSON that is nested too deeply.")
    if not isinstance(row, dict):
        return _Row(None, None, "The line is not a JSON object.")
    parts = {name: row.get(name) or "" for name in ("title", "lead", "text", "language")}
    wrong = [name for name, value in parts.items() if not isinstance(value, str)]
    if wrong:
        return _Row(row.get("id"), None, f"{', '.join(wrong)} must be text.")
    stated = parts["language"].strip().lower().replace("_", "-").partition("-")[0]
    language = (
        stated
        if stated not in {"", "und"}
        else detect_language(" ".join((parts["title"], parts["lead"], parts["text"][:2000])))
    )
    text = FramingInput(parts["title"], parts["lead"], parts["text"], language)
    return _Row(row.get("id"), text)


def _line(row: _Row, result: FramingResult | None, model: str) -> dict[str, Any]:
    if result is None or row.text is None:
        return {"id": row.id, "outcome": "bad_row", "error": row.error, "model": model}
    return {
        "id": row.id,
        "outcome": str(result.outcome),
        "language": row.text.language,
        "us": result.us,
        "us_p": _rounded(result.us_p),
        "relations": result.relations,
        "relations_p": _rounded(result.relations_p),
        "frames": list(result.frames),
        "frames_p": _rounded(result.frames_p),
        "evidence": [
            {
                "text": passage.text,
                "start": passage.start,
                "end": passage.end,
                "labels": _rounded(passage.labels),
            }
            for passage in result.evidence
        ],
        "model": model,
    }


def _rounded(values: Any) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in (values or {}).items()}
