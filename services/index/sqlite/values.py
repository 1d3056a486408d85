"""How values are written into columns and read back."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeVar

from services.domain.codebook import LABELS

Number = TypeVar("Number", int, float)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def time_to_column(value: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC."""
    return (value - _EPOCH) // _MICROSECOND


def time_from_column(value: int) -> datetime:
    """Return the aware UTC time that a column holds."""
    return _EPOCH + timedelta(microseconds=value)


def optional_time(value: datetime | None) -> int | None:
    """Return a time that may be missing, for a column that may be NULL."""
    return None if value is None else time_to_column(value)


def optional_time_back(value: int | None) -> datetime | None:
    """Return the time of a column that may be NULL."""
    return None if value is None else time_from_column(value)


@lru_cache(maxsize=20_000)
def day_from_column(value: str) -> date:
    """Return the day of a column; a store holds few different ones."""
    return date.fromisoformat(value)


def storable(text: str) -> str:
    """Return `text` as UTF-8 can hold it: half characters become U+FFFD."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def json_list(values: Iterable[str | int]) -> str:
    """Return a JSON list: for a column, or for json_each, which takes any number of values."""
    return json.dumps(list(values))


@lru_cache(maxsize=4096)
def tuple_from_json(text: str) -> tuple[str, ...]:
    """Return the list of texts of a column."""
    return tuple(json.loads(text))


def split_names(names: str | None) -> tuple[str, ...]:
    """Return names that a column holds with a space between."""
    return tuple(names.split()) if names else ()


def pack_floats(values: Sequence[float]) -> bytes:
    """Return float32 values, little-endian."""
    return _float_row(len(values)).pack(*values)


def unpack_floats(data: bytes) -> tuple[float, ...]:
    """Return the values that `pack_floats` wrote, to float32's seven digits."""
    return _float_row(len(data) // 4).unpack(data)


@lru_cache(maxsize=64)
def _float_row(length: int) -> struct.Struct:
    return struct.Struct(f"<{length}f")


def pack_counts(values: Sequence[int]) -> bytes:
    """Return uint32 values, little-endian."""
    return struct.pack(f"<{len(values)}I", *values)


def unpack_counts(data: bytes) -> tuple[int, ...]:
    """Return the values that `pack_counts` wrote."""
    return struct.unpack(f"<{len(data) // 4}I", data)


def label_order(stored: str) -> tuple[int, ...] | None:
    """Say where each of today's labels stands in a model's stored list (JSON).

    None means at the same place; -1 stands for a label that the model does not know.
    """
    names = tuple_from_json(stored)
    if names == LABELS:
        return None
    places = {name: place for place, name in enumerate(names)}
    return tuple(places.get(label, -1) for label in LABELS)


def reorder(values: tuple[Number, ...], order: tuple[int, ...] | None) -> tuple[Number, ...]:
    """Bring stored values into today's order of labels; labels the model lacks get zero."""
    if order is None:
        return values
    return tuple(values[place] if place >= 0 else 0 for place in order)
