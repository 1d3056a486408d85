"""Collecting as a stage: what one outlet does never touches another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import pipeline
from services.context import Context, open_context
from services.pipeline import collecting
from services.settings import load_settings

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    # A proxy that refuses, so that no name is looked up outside this machine.
    settings = load_settings(data=tmp_path, proxy="http://127.0.0.1:1", fetch_timeout=2)
    with open_context(settings, clock=lambda: NOW) as opened:
        yield opened


def test_a_defect_at_one_outlet_is_told_and_leaves_the_others_alone(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = collecting.poll

    def broken(outlet, *arguments, **more):  # type: ignore[no-untyped-def]
        if outlet.id == "rt":
            raise LookupError("a library stumbled")
        return working(outlet, *arguments, **more)

    monkeypatch.setattr(collecting, "poll", broken)
    rt, tass = pipeline.collect(context, ["rt", "tass"])
    assert "a library stumbled" in rt.sentence
    assert "library" not in tass.sentence
    assert "rt" not in pipeline.due_outlets(context)  # asked again after an interval, not at once
    assert context.store.feed_states()["rt"].sentence == rt.sentence


def test_a_stop_asks_no_further_feed_and_leaves_them_due(context: Context) -> None:
    before = pipeline.due_outlets(context)
    assert pipeline.collect(context, before, stop=lambda: True) == []
    assert pipeline.due_outlets(context) == before


def test_a_changed_address_is_asked_at_once_and_forgets_the_old_feed(context: Context) -> None:
    pipeline.collect(context, ["rt"])
    assert "rt" not in pipeline.due_outlets(context)
    outlets = tuple(
        replace(outlet, feed="http://127.0.0.1:2/mirror") if outlet.id == "rt" else outlet
        for outlet in context.catalogue.outlets
    )
    context.catalogue = replace(context.catalogue, outlets=outlets)
    assert "rt" in pipeline.due_outlets(context)
    pipeline.collect(context, ["rt"])
    assert "rt" not in pipeline.due_outlets(context)
