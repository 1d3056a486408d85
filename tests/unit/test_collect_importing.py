"""Rows of JSON lines become articles; rows that cannot be used say why and where."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.importing import MAX_LINE_BYTES, BadRow, read_rows
from services.domain.article import Article, DateQuality
from services.errors import UsageError
from services.outlets.catalogue import Catalogue, load_catalogue

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
ROW = {
    "outlet": "RT",
    "url": "https://www.rt.com/news/1-talks/?utm_source=rss",
    "title": "Talks &amp; <b>hopes</b> of the two sides",
    "date": "2024-12-20",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def rows(tmp_path: Path, catalogue: Catalogue) -> RowReader:
    return RowReader(tmp_path / "rows.jsonl", catalogue)


class RowReader:
    """Writes lines to a file and reads them back as rows."""

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self.path = path
        self.catalogue = catalogue

    def __call__(self, *lines: object) -> list[Article | BadRow]:
        parts = [
            line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()
            for line in lines
        ]
        return self.of(b"\n".join(parts) + b"\n")

    def of(self, data: bytes) -> list[Article | BadRow]:
        self.path.write_bytes(data)
        return list(read_rows(self.path, self.catalogue, NOW))

    def article(self, **fields: object) -> Article:
        (row,) = self({**ROW, **fields})
        assert isinstance(row, Article), row
        return row

    def bad(self, line: object) -> BadRow:
        (row,) = self(line)
        assert isinstance(row, BadRow)
        return row


def test_a_row_becomes_an_article(rows: RowReader) -> None:
    article = rows.article(lead="A lead.")
    assert article.outlet == "rt"
    assert article.url == "https://www.rt.com/news/1-talks/"
    assert article.title == "Talks & hopes of the two sides"
    assert (article.lead, article.text, article.language) == ("A lead.", "", "en")
    assert article.published == datetime(2024, 12, 20, tzinfo=UTC)
    assert article.date_quality is DateQuality.STATED
    assert article.collected == NOW


@pytest.mark.parametrize(
    ("stated", "published"),
    [
        ({"date": "2024-12-20T10:30:00Z"}, datetime(2024, 12, 20, 10, 30, tzinfo=UTC)),
        ({"date": "2024-12-20T10:30:00+03:00"}, datetime(2024, 12, 20, 7, 30, tzinfo=UTC)),
        ({"date": "2024-12-20 10:30"}, datetime(2024, 12, 20, 10, 30, tzinfo=UTC)),
        ({"date": None, "published": "2024-12-21"}, datetime(2024, 12, 21, tzinfo=UTC)),
        ({"published": "2024-12-22T01:00:00Z"}, datetime(2024, 12, 22, 1, 0, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_utc(
    rows: RowReader, stated: dict[str, object], published: datetime
) -> None:
    assert rows.article(**stated).published == published


def test_a_date_in_the_future_becomes_now(rows: RowReader) -> None:
    article = rows.article(date="2031-01-01")
    assert (article.published, article.date_quality) == (NOW, DateQuality.CLAMPED)


def test_the_text_keeps_its_paragraphs(rows: RowReader) -> None:
    assert rows.article(text="One.\n\n Two.\u200b").text == "One.\nTwo."


@pytest.mark.parametrize(("stated", "language"), [("ru", "ru"), ("EN-us", "en"), ("", "en")])
def test_a_stated_language_is_taken(rows: RowReader, stated: str, language: str) -> None:
    assert rows.article(language=stated).language == language


def test_the_same_row_has_the_same_identity_and_content_on_another_day(
    rows: RowReader, catalogue: Catalogue
) -> None:
    first = rows.article(lead="A lead.", text="Text.")
    (again,) = read_rows(rows.path, catalogue, datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(again, Article)
    assert (again.id, again.content_hash) == (first.id, first.content_hash)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"outlet": "RT", ', "is not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"n": ' + b"9" * 10_000 + b"}", "too long a number"),
        (b"x" * (MAX_LINE_BYTES + 10), "longer than 8 MiB"),
        ({**ROW, "outlet": "Nobody"}, "'Nobody' is not in the catalogue"),
        ({**ROW, "outlet": None}, "no 'outlet'"),
        ({**ROW, "outlet": 7}, "'outlet' is not text"),
        ({**ROW, "url": ""}, "no 'url'"),
        ({**ROW, "url": "rt.com/news"}, "is not a web address"),
        ({**ROW, "url": "javascript:alert(1)"}, "is not a web address"),
        ({**ROW, "title": "  "}, "no 'title'"),
        ({**ROW, "title": "<p>…</p>"}, "holds no word"),
        ({**ROW, "title": ["x"]}, "'title' is not text"),
        ({**ROW, "text": 3}, "'text' is not text"),
        ({**ROW, "date": ""}, "neither 'date' nor 'published'"),
        ({**ROW, "date": "20.12.2024"}, "is no date"),
        ({**ROW, "date": "2024-02-30"}, "is no date"),
        ({**ROW, "date": "0001-01-01T00:00:00+14:00"}, "is no date"),
        ({**ROW, "date": 1734652800}, "'date' is not text"),
        ({**ROW, "date": "1970-01-01"}, "before 1990"),
        ({**ROW, "language": "english"}, "not a two-letter"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(rows: RowReader, line: object, said: str) -> None:
    bad = rows.bad(line)
    assert bad.line == 1
    assert said in bad.sentence
    assert bad.sentence.endswith(".")


def test_bad_rows_stop_nothing_and_name_their_lines(rows: RowReader) -> None:
    found = rows(ROW, b"", b"broken", ROW, b"x" * (2 * MAX_LINE_BYTES), ROW)
    assert [row.line if isinstance(row, BadRow) else "ok" for row in found] == [
        "ok", 3, "ok", 5, "ok",
    ]  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_are_no_harm(rows: RowReader) -> None:
    data = b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n" + json.dumps(ROW).encode()
    assert [type(row) for row in rows.of(data)] == [Article, Article]


def test_an_empty_file_has_no_rows(rows: RowReader) -> None:
    assert rows.of(b"") == []


def test_a_gzipped_file_is_read_whatever_its_name(rows: RowReader) -> None:
    assert [type(row) for row in rows.of(gzip.compress(json.dumps(ROW).encode()))] == [Article]


def test_a_gzipped_file_that_breaks_off_gives_its_rows_and_says_so(rows: RowReader) -> None:
    lines = "\n".join(json.dumps({**ROW, "title": f"Headline {n}"}) for n in range(2_000))
    found = rows.of(gzip.compress(lines.encode())[:-200])
    assert isinstance(found[0], Article)
    last = found[-1]
    assert isinstance(last, BadRow)
    assert last.line == len(found)
    assert "damaged or cut off" in last.sentence


def test_damage_inside_a_gzipped_file_is_a_sentence(rows: RowReader) -> None:
    data = bytearray(gzip.compress(json.dumps(ROW).encode() * 50))
    data[20:40] = b"\x00" * 20
    last = rows.of(bytes(data))[-1]
    assert isinstance(last, BadRow)
    assert "damaged or cut off" in last.sentence


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        list(read_rows(tmp_path / "gone.jsonl", catalogue, NOW))


_CATALOGUE = load_catalogue()


@settings(deadline=None)
@given(day=st.dates(min_value=date(1990, 1, 1), max_value=NOW.date()))
def test_every_day_is_read_as_itself(day: date, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "dates.jsonl"
    path.write_text(json.dumps({**ROW, "date": str(day)}))
    (row,) = read_rows(path, _CATALOGUE, NOW)
    assert isinstance(row, Article)
    assert row.day == day
