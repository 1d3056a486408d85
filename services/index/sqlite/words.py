"""The words of articles, for full text: the index holds stems and nothing else."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from services.index.sqlite.values import json_list
from services.index.words import stems

_ADD: Final = "INSERT INTO words (rowid, title, lead, text) VALUES (?, ?, ?, ?)"
_DROP: Final = "INSERT INTO words (words, rowid, title, lead, text) VALUES ('delete', ?, ?, ?, ?)"
_ARTICLES: Final = (
    "SELECT a.key, a.title, a.lead, coalesce(t.text, '') "
    "FROM articles a LEFT JOIN texts t ON t.article = a.key"
)


def add_words(
    connection: sqlite3.Connection, wordings: Iterable[tuple[int, str, str, str]]
) -> None:
    """Add the words of articles, each a row of key, title, lead and text."""
    connection.executemany(_ADD, (_row(*wording) for wording in wordings))


def drop_words(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Remove the words of stored articles; the index needs to be told which they were."""
    rows = connection.execute(
        f"{_ARTICLES} WHERE a.key IN (SELECT value FROM json_each(?))", (json_list(keys),)
    ).fetchall()
    connection.executemany(_DROP, [_row(*row) for row in rows])


def rebuild_words(connection: sqlite3.Connection) -> None:
    """Compute the words of every article again, after a change of the rules for them."""
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    connection.executemany(_ADD, (_row(*row) for row in connection.execute(_ARTICLES)))


def _row(key: int, title: str, lead: str, text: str) -> tuple[int, str, str, str]:
    return key, " ".join(stems(title)), " ".join(stems(lead)), " ".join(stems(text))
