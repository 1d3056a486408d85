"""The one place that opens SQLite connections and translates SQLite's errors.

One write connection a process, guarded by a lock, begins with BEGIN IMMEDIATE and waits for
writers of other processes. Reads run on connections of their own and, thanks to the
write-ahead log, neither wait for a writer nor hold one up.

`synchronous=NORMAL`: in WAL mode a commit is handed to the operating system without waiting
for the disk. A process killed at any moment loses nothing that was committed; a power cut may
lose the last commits but never damages the file, and every write of ours can be repeated.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from services.errors import (
    ConfigurationError,
    FramewatchError,
    PermanentError,
    RetryableError,
)

BUSY_SECONDS: Final = 30.0
_PAGE_BYTES: Final = 4096
_LOG_BYTES: Final = 64 * 2**20  # what a long import leaves of the write-ahead log


class Database:
    """The connections to one database file. Safe to use from any number of threads."""

    def __init__(
        self, path: Path, *, busy_seconds: float = BUSY_SECONDS, max_bytes: int | None = None
    ) -> None:
        """Connect to `path`; `max_bytes` bounds the file's size (a quota), None does not.

        Raises the errors of `translate`.
        """
        self.path = path
        self._busy_seconds = busy_seconds
        self._write_lock = threading.Lock()
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._closed = False
        with self.translating():
            self._writer = self._connect()
            try:
                self._prepare_writer(max_bytes)
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction: committed at the end, undone by any exception."""
        with self._write_lock, self.translating():
            self._check_open()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # some errors have undone it already
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one consistent state of the store; later writes stay unseen until the end."""
        with self.translating():
            self._check_open()
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                connection = self._connect()
                connection.execute("PRAGMA query_only = ON")
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)

    def use_write_ahead_log(self) -> None:
        """Switch the file to WAL mode, for good; to be called once it is known to be ours."""
        with self._write_lock, self.translating():
            self._writer.execute("PRAGMA journal_mode = WAL")

    def close(self) -> None:
        """Close every connection; reads that are under way close theirs when they end."""
        with self._write_lock:
            self._closed = True
            self._writer.close()
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Turn SQLite's errors into Framewatch's."""
        try:
            yield
        except sqlite3.Error as error:
            raise translate(error, self.path) from error
        except UnicodeEncodeError as error:
            raise PermanentError(
                "A value holds half a character (a lone surrogate) and cannot be stored."
            ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_seconds,
            isolation_level=None,  # transactions begin and end where we say
            check_same_thread=False,  # handed from thread to thread, used by one at a time
            cached_statements=256,
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare_writer(self, max_bytes: int | None) -> None:
        self._writer.execute("PRAGMA synchronous = NORMAL")
        self._writer.execute("PRAGMA cache_size = -16000")
        self._writer.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        if max_bytes is not None:
            self._writer.execute(f"PRAGMA max_page_count = {max(1, max_bytes // _PAGE_BYTES)}")

    def _check_open(self) -> None:
        if self._closed:
            raise PermanentError(f"The store {self.path} has been closed.")

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if self._closed:
            connection.close()
        else:
            self._idle.put(connection)


def translate(error: sqlite3.Error, path: Path) -> FramewatchError:
    """Return the error that callers know, with a sentence, for one of SQLite's."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the high bits only add detail
    kind, sentence = _KINDS.get(
        code, (PermanentError, "The store {path} failed: {error}. This is a defect; report it.")
    )
    if code == sqlite3.SQLITE_ERROR and "no such module: fts5" in str(error):
        kind, sentence = ConfigurationError, _NO_FTS
    return kind(sentence.format(path=path, folder=path.parent, error=error))


_NO_FTS: Final = (
    "This Python's SQLite has no full-text search (FTS5); install a Python whose SQLite has it."
)
_KINDS: Final[dict[int, tuple[type[FramewatchError], str]]] = {
    sqlite3.SQLITE_BUSY: (
        RetryableError,
        "Another process is writing to the store {path} and did not finish in time; try again.",
    ),
    sqlite3.SQLITE_LOCKED: (RetryableError, "The store {path} is locked; try again."),
    sqlite3.SQLITE_FULL: (
        RetryableError,
        "The disk that holds the store {path} is full. Nothing was lost: free some space and "
        "run again.",
    ),
    sqlite3.SQLITE_IOERR: (
        RetryableError,
        "The disk that holds the store {path} could not be read or written ({error}). Check "
        "its free space and its health, then run again.",
    ),
    sqlite3.SQLITE_NOMEM: (RetryableError, "There is not enough memory to use the store {path}."),
    sqlite3.SQLITE_CORRUPT: (
        PermanentError,
        "The store {path} is damaged ({error}). Restore a copy, or move the file away and "
        "import again.",
    ),
    sqlite3.SQLITE_NOTADB: (
        PermanentError,
        "The file {path} is not a Framewatch store. Choose another folder with --data.",
    ),
    sqlite3.SQLITE_READONLY: (
        ConfigurationError,
        "The store {path} may not be written. Give yourself write permission on the file and "
        "its folder, or choose another folder with --data.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        ConfigurationError,
        "The store {path} cannot be opened. Check that {folder} is a folder that you may write "
        "to, or choose another one with --data.",
    ),
    sqlite3.SQLITE_PERM: (ConfigurationError, "Access to the store {path} was denied."),
}
