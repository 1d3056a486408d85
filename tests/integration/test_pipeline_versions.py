"""The classify stage with the real model: an edit made before it still gets both labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services import pipeline
from services.context import Context
from services.index.opening import open_store
from services.index.records import EditQuery
from services.outlets.catalogue import load_catalogue
from services.settings import load_settings
from tests.support.records import NOW, make_article, revise

BEFORE = make_article(
    title="Washington's hegemony and hostile sanctions threaten Russia, Lavrov says",
    lead="The United States wages a proxy war in Ukraine.",
)
AFTER = revise(
    BEFORE,
    title="Russia and the United States agree to resume dialogue, Lavrov says",
    lead="Moscow and Washington spoke of business and arms control.",
)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    settings = load_settings(data=tmp_path)
    opened = Context(settings, open_store(settings.store_path), load_catalogue(), clock=lambda: NOW)
    opened.store.add_articles([BEFORE], live=True)
    opened.store.add_articles([AFTER], live=True)
    yield opened
    opened.close()


def test_both_versions_of_an_edit_are_classified(context: Context) -> None:
    outcomes = pipeline.classify_waiting(context)
    assert outcomes == {"classified": 1}  # what the outlet shows now
    (edit,) = context.store.edits(EditQuery(context.model)).edits
    assert edit.comparable
    assert edit.reframed


def test_a_second_look_finds_nothing_to_classify(context: Context) -> None:
    pipeline.classify_waiting(context)
    assert pipeline.classify_versions(context) == {}


def test_only_what_is_shown_now_is_counted(context: Context) -> None:
    pipeline.classify_waiting(context)
    pipeline.count(context)
    rows = context.store.day_counts(context.model, ["all"], "all")
    assert [row.n for row in rows] == [1]


def test_a_stop_leaves_earlier_versions_for_later(context: Context) -> None:
    pipeline.classify_waiting(context, stop=lambda: True)
    assert len(context.store.unclassified_versions(context.model, 10)) == 1
    assert pipeline.classify_versions(context) == {"classified": 1}
