"""The packaged reference history: what is written is read, and damage is noticed."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from services.errors import ConfigurationError
from services.shifts.reference import EMPTY, ReferenceSource, load_reference, write_reference
from tests.support.day_counts import DETENTE, day, history

RT = ReferenceSource(
    outlet="rt",
    name="RT sample",
    first=day(0),
    last=day(99),
    articles=30,
    sampled=True,
    licence="facts only",
    note="a sample: shares, not numbers of articles",
)
TASS = ReferenceSource("tass", "TASS archive", day(0), day(99), 10)
ROWS = (
    *history([10, 0, 20], [5, 0, 7], scope="outlet:rt", outlets=("rt",)),
    *history([4], [1], scope="outlet:rt", outlets=("rt",), about="all"),
    *history([0, 0, 10], [0, 0, 1], scope="outlet:tass", outlets=("tass",)),
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "reference.json.gz"
    write_reference(path, ROWS, [RT, TASS], "m")
    return path


def test_what_is_written_is_read(written: Path) -> None:
    reference = load_reference(written)
    assert reference.model == "m"
    assert reference.sources == (RT, TASS)
    expected = {
        replace(row, source=RT.name if row.outlets == ("rt",) else TASS.name) for row in ROWS
    }
    assert set(reference.rows) == expected
    assert "RT sample: 30 articles" in reference.note
    assert "a sample" in reference.note


def test_groups_are_the_sum_of_their_outlets(written: Path) -> None:
    reference = load_reference(written)
    histories = reference.histories("us", {"state": ("tass", "rt"), "control": ("bbc",)})
    assert set(histories) == {"outlet:rt", "outlet:tass", "group:state", "all"}
    first, both = histories["group:state"]
    assert (first.day, first.n, first.outlets, first.source) == (day(0), 10, ("rt",), "RT sample")
    assert (both.day, both.n, both.count(DETENTE)) == (day(2), 30, 8)
    assert both.probability_sum(DETENTE) == 8.0
    assert (both.outlets, both.source) == (("rt", "tass"), "RT sample + TASS archive")
    assert "group:state" not in reference.histories("us")


def test_the_same_facts_make_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.gz"
    write_reference(again, reversed(ROWS), [TASS, RT], "m")
    assert again.read_bytes() == written.read_bytes()


def test_sums_keep_three_decimals_and_groups_and_empty_days_are_left_out(tmp_path: Path) -> None:
    row = replace(ROWS[0], sums=(0.123456,) * 27)
    path = tmp_path / "r.gz"
    write_reference(path, [row, replace(row, scope="all"), replace(row, n=0)], [RT], "m")
    (read,) = load_reference(path).rows
    assert read.sums == (0.123,) * 27


def test_a_day_that_no_source_covers_is_still_named(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    write_reference(path, ROWS[:1], [replace(RT, first=date(2030, 1, 1))], "m")
    assert load_reference(path).rows[0].source == "reference"


def test_facts_of_another_model_or_outlet_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="counted by m, not other"):
        write_reference(tmp_path / "r.gz", ROWS, [RT, TASS], "other")
    with pytest.raises(ValueError, match="no source names outlet:tass"):
        write_reference(tmp_path / "r.gz", ROWS, [RT], "m")


def test_a_missing_file_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no reference history at"):
        load_reference(tmp_path / "nowhere.gz")


def test_a_reference_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_reference(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: b"no gzip at all",
        lambda raw: b"",
        lambda raw: gzip.compress(b"no json"),
        lambda raw: gzip.compress(b'{"format": 99}\n[]'),
        lambda raw: gzip.compress(b"{}\n[]"),
        lambda raw: gzip.compress(gzip.decompress(raw).replace(b"[[0", b"[[1")),
        lambda raw: gzip.compress(gzip.decompress(raw).replace(b"us=hostile", b"us=hostole")),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(written: Path, damage) -> None:  # type: ignore[no-untyped-def]
    written.write_bytes(damage(written.read_bytes()))
    with pytest.raises(ConfigurationError, match="damaged or of another version"):
        load_reference(written)


def test_an_empty_reference_has_no_histories() -> None:
    assert EMPTY.histories("all", {"state": ("rt",)}) == {}
