"""Models by number: their names, and the order in which their labels were stored."""

from __future__ import annotations

import sqlite3

from services.domain.codebook import LABELS
from services.index.sqlite.values import json_list


def model_key(connection: sqlite3.Connection, name: str) -> int | None:
    """Return the number of a model, None when nothing was ever stored of it."""
    row = connection.execute("SELECT key FROM models WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def ensure_model(connection: sqlite3.Connection, name: str) -> int:
    """Return the number of a model, which is written down when it is new."""
    connection.execute(
        "INSERT OR IGNORE INTO models (name, labels) VALUES (?, ?)", (name, json_list(LABELS))
    )
    row = connection.execute("SELECT key FROM models WHERE name = ?", (name,)).fetchone()
    return int(row[0])
