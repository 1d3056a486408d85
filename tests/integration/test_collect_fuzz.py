"""A few seconds of what `make fuzz` does for minutes."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.fuzz_feed import fuzz


def test_some_seconds_of_damaged_documents_break_nothing(tmp_path: Path) -> None:
    report = fuzz(5.0, seed=2025, folder=tmp_path)
    assert report.failures == []
