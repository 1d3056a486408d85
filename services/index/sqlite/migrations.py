"""Brings a file to this version's schema.

`PRAGMA user_version` holds the number of the last step of `schema` that was applied.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from services.errors import PermanentError
from services.index.sqlite.connection import Database
from services.index.sqlite.schema import MIGRATIONS

APPLICATION_ID: Final = 0x46574348  # "FWCH", so that the file says whose it is


def migrate(database: Database) -> None:
    """Bring the file to this version's schema; every step that is missing, or none.

    Raises PermanentError, and leaves the file as it is, when it belongs to another program
    or a newer version.
    """
    with database.reading() as connection:
        version = _version(connection, database.path)
    database.use_write_ahead_log()
    if version == len(MIGRATIONS):
        return
    with database.writing() as connection:
        for migration in MIGRATIONS[_version(connection, database.path) :]:
            for statement in migration.statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the number of the last step applied; PermanentError when it is not ours to use."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != APPLICATION_ID and tables:
        raise PermanentError(
            f"The file {path} is a database of another program. Choose another folder with --data."
        )
    if version > len(MIGRATIONS):
        raise PermanentError(
            f"The store {path} was written by a newer version of Framewatch "
            f"(schema {version}; this one knows {len(MIGRATIONS)}). Update Framewatch, or "
            "choose another folder with --data."
        )
    return version
