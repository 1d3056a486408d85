"""Records that are stored whole, as JSON, because only their reader looks inside."""

from __future__ import annotations

import json
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from services.index.sqlite.values import storable

Record = TypeVar("Record")


class Document(Generic[Record]):
    """Turns one kind of frozen record into JSON and back, nested records included."""

    def __init__(self, kind: type[Record]) -> None:
        self._adapter: TypeAdapter[Record] = TypeAdapter(kind)

    def dump(self, record: Record) -> str:
        """Return the record as JSON."""
        values = self._adapter.dump_python(record, mode="json")
        return storable(json.dumps(values, ensure_ascii=False))

    def load(self, text: str) -> Record:
        """Return the record that `dump` wrote."""
        return self._adapter.validate_json(text)
