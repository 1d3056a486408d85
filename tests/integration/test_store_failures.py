"""Places and files that a SQLite store cannot use: a sentence each, and nothing lost."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.domain.article import EntryOutcome
from services.errors import ConfigurationError, FramewatchError, PermanentError, RetryableError
from services.index.opening import open_store
from services.index.records import SearchQuery
from services.index.sqlite.migrations import MIGRATIONS
from tests.support.records import MODEL, make_article, make_articles, make_prediction

LONG = "слово " * 2000


def fill(path: Path, count: int = 50) -> None:
    """Write a store with some articles and predictions."""
    store = open_store(path)
    articles = make_articles(count)
    store.add_articles(articles)
    store.save_predictions([make_prediction(article) for article in articles])
    store.close()


def use(path: Path) -> None:
    """Write, search and count."""
    store = open_store(path)
    try:
        store.add_articles(make_articles(600))
        store.search(SearchQuery(text="headline"))
        store.stats(MODEL)
    finally:
        store.close()


def is_sentence(error: BaseException) -> bool:
    """Say whether an error reads like one to a user who never saw SQLite."""
    text = str(error)
    return text.endswith(".") and "Traceback" not in text and "sqlite3" not in text


def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "framewatch.db"
    open_store(path).close()
    assert path.is_file()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "framewatch.db"
    fill(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(PermanentError, match="newer version of Framewatch") as caught:
        open_store(path)
    assert is_sentence(caught.value)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(PermanentError, match="another program"):
        open_store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all\n" * 100, b"{}", b"\x00" * 5000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "framewatch.db"
    path.write_bytes(content)
    with pytest.raises(PermanentError, match="is not a Framewatch store") as caught:
        open_store(path)
    assert is_sentence(caught.value)
    assert path.read_bytes() == content


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "framewatch.db"
    fill(path, 500)
    data = bytearray(path.read_bytes())
    data[4096 * 2 :] = os.urandom(len(data) - 4096 * 2)
    path.write_bytes(data)
    with pytest.raises(PermanentError, match="is damaged") as caught:
        use(path)
    assert is_sentence(caught.value)


def test_a_full_disk_loses_nothing_and_can_be_retried(tmp_path: Path) -> None:
    path = tmp_path / "framewatch.db"
    small = open_store(path, max_bytes=1_000_000)
    small.add_articles(make_articles(10))
    large = [make_article(n, text=LONG) for n in range(100, 300)]
    with pytest.raises(RetryableError, match="full") as caught:
        small.add_articles(large)
    assert is_sentence(caught.value)
    assert small.stats(MODEL).articles == 10  # the whole batch was undone
    assert small.search(SearchQuery(text="слово")).total == 0
    assert small.add_articles(make_articles(10)) == [EntryOutcome.DUPLICATE] * 10
    small.close()
    roomy = open_store(path)
    assert roomy.add_articles(large) == [EntryOutcome.NEW] * 200
    assert roomy.search(SearchQuery(text="слово")).total == 200
    roomy.close()


def test_a_new_store_on_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(RetryableError, match="full"):
        open_store(tmp_path / "framewatch.db", max_bytes=8192)
    open_store(tmp_path / "framewatch.db").close()


def test_a_writer_that_never_ends_is_not_waited_for_forever(tmp_path: Path) -> None:
    path = tmp_path / "framewatch.db"
    store = open_store(path, busy_seconds=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RetryableError, match="Another process") as caught:
        store.add_articles(make_articles(1))
    assert is_sentence(caught.value)
    assert store.stats(MODEL).articles == 0  # reading goes on meanwhile
    other.execute("ROLLBACK")
    other.close()
    assert store.add_articles(make_articles(1)) == [EntryOutcome.NEW]
    store.close()


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ConfigurationError, match="it is a file") as caught:
        open_store(tmp_path / "data" / "framewatch.db")
    assert is_sentence(caught.value)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "framewatch.db").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be opened") as caught:
        open_store(tmp_path / "framewatch.db")
    assert is_sentence(caught.value)


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Forbid writing to `folder`; the all-powerful user becomes an ordinary one meanwhile."""
    for item in (*folder.iterdir(), folder):
        item.chmod(0o555 if item.is_dir() else 0o444)
    powerful = os.geteuid() == 0
    if powerful:
        os.seteuid(65534)
    try:
        yield
    finally:
        if powerful:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.mark.parametrize("filled", [False, True])
def test_a_folder_that_may_only_be_read(filled: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "framewatch.db"
        if filled:
            fill(path)
        with without_rights(Path(name)), pytest.raises(ConfigurationError) as caught:
            open_store(path)
        assert "--data" in str(caught.value)
        assert is_sentence(caught.value)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path / "framewatch.db")
    store.close()
    store.close()
    for call in (lambda: store.stats(MODEL), lambda: store.add_articles(make_articles(1))):
        with pytest.raises(FramewatchError, match="has been closed"):
            call()


def test_changed_rules_for_words_rebuild_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "framewatch.db"
    fill(path, 3)
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    connection.close()
    monkeypatch.setattr("services.index.sqlite.store.ANALYZER", "another one")
    store = open_store(path)
    assert store.search(SearchQuery(text="headlines")).total == 3
    assert store.add_articles(make_articles(4))[-1] is EntryOutcome.NEW
    store.close()


def test_every_step_of_the_schema_has_its_own_name() -> None:
    names = [migration.name for migration in MIGRATIONS]
    assert len(set(names)) == len(names) > 0
