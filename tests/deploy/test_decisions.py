"""Decision records are complete, and the index lists every one of them."""

from __future__ import annotations

import re

import pytest

from tests.deploy.files import DEPLOY

RECORDS = sorted((DEPLOY / "adr").glob("[0-9]*.md"))
INDEX = (DEPLOY / "adr/README.md").read_text(encoding="utf-8")


def test_the_index_lists_every_record_and_nothing_else() -> None:
    assert re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", INDEX) == [path.name for path in RECORDS]


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_its_three_parts(record: object) -> None:
    text = record.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    for part in ("## Context", "## Decision", "## Consequences"):
        assert part in text
