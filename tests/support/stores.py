"""Every kind of store, so that one suite of tests holds for all of them.

A test module writes `place = place_fixture()` and `store = store_fixture()` and gets each of
its tests run once for each entry of `KINDS`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from services.domain.prediction import Prediction
from services.index.opening import open_store
from services.index.store import Store


@dataclass(frozen=True)
class Kind:
    """One kind of store; `open` opens, or makes, the one that belongs to a folder."""

    name: str
    open: Callable[[Path], Store]


KINDS = (Kind("sqlite", lambda folder: open_store(folder / "framewatch.db")),)


@dataclass(frozen=True)
class Place:
    """Where one store lies; opening it twice gives two handles to the same content."""

    kind: Kind
    folder: Path

    def open(self) -> Store:
        """Open the store, in this process."""
        return self.kind.open(self.folder)

    @property
    def arguments(self) -> tuple[str, str]:
        """What `open_place` needs in another process."""
        return self.kind.name, str(self.folder)


def open_place(name: str, folder: str) -> Store:
    """Open a store by the `arguments` of its place."""
    return next(kind for kind in KINDS if kind.name == name).open(Path(folder))


def python(module: str, place: Place, *arguments: str) -> list[str]:
    """Return the command that runs a module of the tests on a store in another process."""
    return [sys.executable, "-m", module, *place.arguments, *arguments]


def place_fixture() -> Any:
    """Return a fixture: the place of an empty store, of each kind in turn."""

    @pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
    def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
        return Place(request.param, tmp_path)

    return place


def store_fixture() -> Any:
    """Return a fixture: the open store of `place`, closed afterwards."""

    @pytest.fixture
    def store(place: Place) -> Iterator[Store]:
        opened = place.open()
        yield opened
        opened.close()

    return store


def rounded(prediction: Prediction | None) -> Prediction | None:
    """Return a prediction with probabilities as exact as a store has to keep them."""
    if prediction is None or prediction.us_p is None:
        return prediction
    names = ("us_p", "relations_p", "frames_p")
    values = {name: getattr(prediction, name) for name in names}
    return replace(
        prediction,
        **{name: {key: round(p, 5) for key, p in value.items()} for name, value in values.items()},
    )
