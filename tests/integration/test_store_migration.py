"""A SQLite file of an earlier version keeps all it held, and can do all that is new."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from services.domain.article import Article, EntryOutcome, Origin
from services.domain.outlet import FeedState, PollOutcome
from services.index.opening import open_store
from services.index.records import DayCollection, EditQuery, SearchQuery
from services.index.sqlite.migrations import APPLICATION_ID
from services.index.sqlite.schema import MIGRATIONS
from services.index.sqlite.values import time_to_column
from services.index.sqlite.words import add_words
from services.index.store import Store
from services.index.words import ANALYZER
from tests.support.records import MODEL, NOW, TODAY, make_article, revise

FIRST_RELEASE = 3
"""The last step of the schema that files of before this version may have."""

OLD = make_article(1, text="Old text about disarmament.")
SECOND = revise(OLD, title="Second title", text="")
THIRD = revise(SECOND, title="Third title", text="New text.")


def write_earlier_file(path: Path, articles: Iterable[Article], older: Iterable[Article]) -> None:
    """Write a file as the first release did: articles with their earlier versions."""
    connection = sqlite3.connect(path)
    for migration in MIGRATIONS[:FIRST_RELEASE]:
        for statement in migration.statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FIRST_RELEASE}")
    connection.execute("INSERT INTO meta VALUES ('store.analyzer', ?)", (ANALYZER,))
    for key, a in enumerate(articles, start=1):
        connection.execute(
            "INSERT INTO articles (key, id, outlet, language, published, day, date_quality, "
            "collected, content_hash, story, url, author, section, title, lead) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key, a.id, a.outlet, a.language, time_to_column(a.published), str(a.day),
                a.date_quality, time_to_column(a.collected), a.content_hash, a.story, a.url,
                a.author, a.section, a.title, a.lead,
            ),
        )  # fmt: skip
        connection.execute("INSERT INTO texts VALUES (?, ?)", (key, a.text))
        add_words(connection, [(key, a.title, a.lead, a.text)])
    for version in older:
        connection.execute(
            "INSERT INTO revisions (article, content_hash, collected, title, lead, text) "
            "SELECT key, ?, ?, ?, ?, ? FROM articles WHERE id = ?",
            (
                version.content_hash, time_to_column(version.collected), version.title,
                version.lead, version.text, version.id,
            ),
        )  # fmt: skip
    connection.execute(
        'INSERT INTO feed_states VALUES (\'rt\', \'{"outlet": "rt", "failures": 2}\')'
    )
    connection.execute("INSERT INTO polls VALUES ('rt', ?, 5, 1)", (str(TODAY),))
    connection.execute("INSERT INTO poll_outcomes VALUES ('rt', ?, 'new', 7)", (str(TODAY),))
    connection.commit()
    connection.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterable[Store]:
    """The file of an earlier version, opened by this one."""
    path = tmp_path / "framewatch.db"
    write_earlier_file(path, [THIRD, make_article(2)], [OLD, SECOND])
    opened = open_store(path)
    yield opened
    opened.close()


def test_articles_and_their_words_stay(store: Store) -> None:
    assert store.articles([OLD.id]) == {OLD.id: THIRD}
    assert store.search(SearchQuery(text='"new text"')).total == 1


def test_versions_stay_and_become_edits_with_their_times(store: Store) -> None:
    titles = [OLD.title, "Second title", "Third title"]
    assert [version.title for version in store.revisions(OLD.id)] == titles
    edits = store.edits(EditQuery(MODEL, since=TODAY)).edits
    assert [(edit.before.title, edit.after.title) for edit in edits] == [
        ("Second title", "Third title"),
        (OLD.title, "Second title"),
    ]
    assert [edit.after.collected for edit in edits] == [THIRD.collected, SECOND.collected]


def test_articles_of_before_count_as_live_and_are_compared_once(store: Store) -> None:
    assert {article.origin for article in store.unlinked(10)} == {Origin.LIVE}
    assert len(store.unlinked(10)) == 2


def test_the_record_of_collection_stays(store: Store) -> None:
    assert store.feed_states() == {"rt": FeedState("rt", failures=2)}
    store.count_poll("rt", TODAY, PollOutcome.TIMEOUT, {}, gap=True)
    assert store.collection(TODAY, TODAY) == [
        DayCollection("rt", TODAY, 5, 2, {"new": 7}, {"timeout": 1}, gaps=1)
    ]


def test_what_was_stored_before_is_known_and_can_be_changed(store: Store) -> None:
    assert store.add_articles([OLD]) == [EntryOutcome.DUPLICATE]
    fourth = revise(THIRD, title="Fourth title", text="")
    assert store.add_articles([fourth], live=True, visit_at=NOW) == [EntryOutcome.REVISED]
    assert store.articles([OLD.id])[OLD.id].text == "New text."
    assert [visit.article_id for visit in store.pages_due(NOW, 10)] == [OLD.id]


def test_opening_it_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "framewatch.db"
    write_earlier_file(path, [THIRD], [OLD, SECOND])
    for _ in range(2):
        store = open_store(path)
        assert store.edits(EditQuery(MODEL, until=TODAY + timedelta(days=1), limit=1)).next
        store.close()
