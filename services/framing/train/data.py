"""The labelled rows and parallel headlines that training reads from the data folder."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.domain.codebook import FRAMES, RELATIONS, US
from services.errors import ConfigurationError

TRAIN_FILES: Final = (
    "train/passages.jsonl",
    "train/passages_2.jsonl",
    "train/passages_3.jsonl",
)
EVAL_FILES: Final = {"en": "eval/passages.jsonl", "ru": "eval/ru.jsonl"}
HISTORY_FILES: Final = ("history/rt_2014_2024.jsonl.gz", "history/tass_2025_2026.jsonl.gz")
PARALLEL_FILE: Final = "parallel/channel_one_2000_2024.jsonl.gz"


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One coded passage. `us` and `relations` are positions in the codebook's tuples,
    `frames` the positions of the frames given; `translation` is English, where there is one.
    """

    title: str
    lead: str
    language: str
    us: int
    relations: int
    frames: tuple[int, ...]
    translation: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """The wording of the title, for finding near copies."""
        return wording(self.title)


@dataclass(frozen=True, slots=True)
class Pair:
    """One Russian headline and its rough English translation."""

    ru: str
    en: str


def read_training_rows(shared: Path) -> list[LabelledRow]:
    """Return all training rows, less those whose title also stands in an evaluation set.

    Raises ConfigurationError naming the file and line that cannot be read.
    """
    held_out = {row.key for language in EVAL_FILES for row in read_eval_rows(shared, language)}
    rows = [row for name in TRAIN_FILES for row in _read_labelled(shared / name)]
    return [row for row in rows if row.key not in held_out]


def read_eval_rows(shared: Path, language: str) -> list[LabelledRow]:
    """Return the evaluation rows of `language` ("en" or "ru"); never train on them."""
    return list(_read_labelled(shared / EVAL_FILES[language]))


def read_pairs(shared: Path) -> list[Pair]:
    """Return the parallel headlines, each wording once, less those of the Russian eval set."""
    held_out = {row.url for row in read_eval_rows(shared, "ru")}
    seen: set[str] = set()
    pairs = []
    for row in _read_json_lines(shared / PARALLEL_FILE):
        if row["url"] in held_out or row["ru"] in seen or not row["ru"] or not row["en"]:
            continue
        seen.add(row["ru"])
        pairs.append(Pair(row["ru"], row["en"]))
    return pairs


def read_headlines(shared: Path) -> list[tuple[str, str]]:
    """Return (title, lead) of the uncoded English headlines, each wording once."""
    found: dict[str, tuple[str, str]] = {}
    for name in HISTORY_FILES:
        for row in _read_json_lines(shared / name):
            found.setdefault(wording(row["title"]), (row["title"], row["lead"] or ""))
    return list(found.values())


def wording(title: str) -> str:
    """Return what near copies of a title have in common: its first 60 letters and digits."""
    return "".join(char for char in title.lower() if char.isalnum())[:60]


def data_digest(shared: Path) -> str:
    """Return the SHA-256 (hexadecimal) over the bytes of the training files, in order."""
    hasher = hashlib.sha256()
    for name in (*TRAIN_FILES, *HISTORY_FILES, PARALLEL_FILE):
        hasher.update((shared / name).read_bytes())
    return hasher.hexdigest()


def _read_labelled(path: Path) -> Iterator[LabelledRow]:
    for number, row in enumerate(_read_json_lines(path), start=1):
        try:
            yield LabelledRow(
                title=row["title"],
                lead=row["lead"] or "",
                language=row.get("language") or "en",
                us=US.index(row["us"]),
                relations=RELATIONS.index(row["relations"]),
                frames=tuple(sorted(FRAMES.index(name) for name in row["frames"])),
                translation=row.get("en") or "",
                url=row.get("url") or "",
            )
        except (KeyError, ValueError) as error:
            raise ConfigurationError(
                f"{path}, row {number}: {error} does not fit the codebook; mend or drop the row."
            ) from error


def _read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines: Iterable[str]
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as lines
        ):
            for line in lines:
                yield json.loads(line)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{path} is missing: name the data folder with --shared."
        ) from error
