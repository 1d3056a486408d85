"""A store that takes nothing: feeds are not asked again and again meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services import pipeline
from services.context import open_context
from services.errors import RetryableError
from services.settings import load_settings

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def test_feeds_are_left_alone_for_longer_and_longer_while_the_store_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = NOW
    settings = load_settings(
        data=tmp_path, proxy="http://127.0.0.1:1", fetch_timeout=2, host_pause=0
    )
    with open_context(settings, clock=lambda: now) as context:

        def full(*_: object, **__: object) -> None:
            raise RetryableError("The disk is full.")

        with monkeypatch.context() as patched:
            patched.setattr(context.store, "count_poll", full)
            waits = []
            for _ in range(8):
                (refused,) = pipeline.collect(context, ["rt"])
                assert "The disk is full." in refused.sentence
                begun = now
                while "rt" not in pipeline.due_outlets(context):
                    now += timedelta(seconds=30)
                waits.append((now - begun).total_seconds())
        assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
        pipeline.collect(context, ["rt"])
        assert context.refusals.until("rt") is None
