"""Opens the store that the settings name."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from services.errors import ConfigurationError, RetryableError
from services.index.sqlite.connection import BUSY_SECONDS
from services.index.sqlite.store import SqliteStore
from services.index.store import Store


def open_store(
    path: Path, *, busy_seconds: float = BUSY_SECONDS, max_bytes: int | None = None
) -> Store:
    """Open the SQLite store in the file `path`; folder and file are made when missing.

    `busy_seconds` is how long to wait for writers of other processes; `max_bytes` bounds the
    size of the file, None leaves that to the disk. Raises ConfigurationError when the place
    cannot be used, PermanentError when the file is damaged, not ours, or newer than this
    version, RetryableError when it stays locked or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One process at a time sets up the file; the others find it ready.
        with FileLock(path.with_name(f"{path.name}.opening.lock"), timeout=busy_seconds):
            return SqliteStore(path, busy_seconds=busy_seconds, max_bytes=max_bytes)
    except Timeout:
        raise RetryableError(
            f"Another process has been opening the store {path} for {busy_seconds:g} seconds; "
            "try again."
        ) from None
    except OSError as error:
        is_file = path.parent.exists() and not path.parent.is_dir()
        reason = "it is a file" if is_file else error.strerror or str(error)
        raise ConfigurationError(
            f"The folder {path.parent} cannot be used for the store ({reason}). Choose another "
            "one with --data."
        ) from error
