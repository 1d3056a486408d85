"""What every test runs under: no settings of the person who runs it, no network outside."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own FRAMEWATCH_… variables must not change what a test sees."""
    for name in list(os.environ):
        if name.startswith("FRAMEWATCH_"):
            monkeypatch.delenv(name)
