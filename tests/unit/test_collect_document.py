"""Pages as trees: within bounds, without what is not shown, whatever the bytes are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.http.fetcher import Fetched
from services.collect.pages.document import (
    MAX_LINKED_CHARS,
    MAX_LINKED_DATA,
    MAX_SEPARATORS,
    MAX_TAGS,
    read_document,
)
from services.collect.pages.extract import extract_text
from services.collect.pages.facts import read_facts
from services.collect.pages.judge import judge
from tests.support.pages import PARAGRAPHS, page
from tests.support.records import make_article, make_outlet

# libxml2 needs minutes for the first, trafilatura for others, unless they are cut.
HOSTILE = {
    "attributes": b"<p " + b" ".join(b"a%d=1" % n for n in range(300_000)) + b">x</p>",
    "attributes after a quoted bracket": b'<p a=">" ' + b"b " * 300_000 + b">x</p>",
    "elements": b"<p>x</p>" * 300_000,
    "depth": b"<div>" * 300_000,
    "levels": (b"<div>" + b"<p>some words of a text</p>" * 30) * 2_000,
    "scripts": b"<script>" * 200_000,
    "comments": b"<!--" * 200_000,
    "brackets": b"<" * 500_000,
    "quotes": b'<a href="' * 100_000,
    "one word": b"<p>" + b"a" * 1_000_000,
    "spaces": b"<p>" + b" " * 1_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_tree_stays_within_its_bounds(body: bytes) -> None:
    document = read_document(b"<html><body>" + body)
    assert document is not None
    elements = list(document.root.iter())
    assert len(elements) <= MAX_TAGS + 10
    assert sum(len(element.attrib) for element in elements) <= MAX_SEPARATORS


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_article_before_something_hostile_is_still_read(body: bytes) -> None:
    document = read_document(page().encode().replace(b"</body>", body))
    assert document is not None
    assert PARAGRAPHS[0] in extract_text(document, "https://news.example/1")


def test_what_is_not_shown_is_not_in_the_tree() -> None:
    silent = "<script>let a = '<p>b</p>'</script><style>p {}</style><!-- <p>c</p> --><svg><p></svg>"
    document = read_document(f"<body>{silent}<p>Shown</p></body>".encode())
    assert document is not None
    assert "".join(document.root.itertext()).strip() == "Shown"


@pytest.mark.parametrize("tail", ["", "</script", "<p>After</p>"])
def test_a_script_that_does_not_end_takes_the_rest_with_it(tail: str) -> None:
    document = read_document(f"<body><p>Before</p><script>let a{tail}".encode())
    assert document is not None
    assert "".join(document.root.itertext()).strip() == "Before"


def test_linked_data_is_kept_as_it_stands() -> None:
    blocks = ['{"a": "<p>b</p>"}', '{"c": 1}']
    html = "".join(f"<script type='application/ld+json'>{block}</script>" for block in blocks)
    document = read_document(f"<head>{html}</head><p>x".encode())
    assert document is not None
    assert list(document.linked_data) == blocks


def test_linked_data_stays_within_its_bounds() -> None:
    block = f"<script type=application/ld+json>{'x' * 2 * MAX_LINKED_CHARS}</script>"
    document = read_document(f"<p>x</p>{block * 30}".encode())
    assert document is not None
    assert len(document.linked_data) <= MAX_LINKED_DATA
    assert max(map(len, document.linked_data)) <= MAX_LINKED_CHARS


@pytest.mark.parametrize("body", [b"", b"  ", b"plain words", b"\x00", b"\xff\xfe"])
def test_bytes_without_a_tag_are_no_page(body: bytes) -> None:
    assert read_document(body) is None


# Facts


def facts_of(linked: object, head: str = "") -> object:
    data = f"<script type='application/ld+json'>{json.dumps(linked)}</script>"
    document = read_document(f"<html><head>{head}{data}</head><body><p>x</p></body>".encode())
    assert document is not None
    return read_facts(document, "https://news.example/1")


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ({"@type": "Person", "name": "Ann Other"}, "Ann Other"),
        ([{"name": "Ann Other"}, {"name": "Bob Else"}], "Ann Other, Bob Else"),
        ("Ann Other", "Ann Other"),
        ({"@type": "Organization", "name": "The Site"}, ""),
        ({"name": "https://news.example/ann"}, ""),
        ({"name": ["Ann Other"]}, "Ann Other"),
        ({"name": {"first": "Ann"}}, ""),
        ("admin", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_authors_are_persons_with_two_names(author: object, name: str) -> None:
    facts = facts_of({"@graph": [{"@type": "NewsArticle", "author": author}]})
    assert facts.author == name  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("count", "words"), [(120, 120), ("120", 120), ("many", 0), (-5, 0), (None, 0), (10**9, 0)]
)
def test_the_stated_length_is_a_number_that_makes_sense(count: object, words: int) -> None:
    facts = facts_of({"@type": ["NewsArticle"], "wordCount": count})
    assert facts.words == words  # type: ignore[attr-defined]


def test_meta_elements_fill_in_what_linked_data_leaves_out() -> None:
    head = (
        "<meta name='author' content='Ann Other'><meta property='article:section' content='World'>"
        "<meta property='og:title' content='A title'>"
    )
    facts = facts_of({"@type": "WebSite"}, head)
    assert (facts.author, facts.section) == ("Ann Other", "World")  # type: ignore[attr-defined]
    assert "A title" in facts.titles  # type: ignore[attr-defined]


def test_linked_data_that_is_nested_without_end_is_passed_over() -> None:
    deep = '{"a":' * 100_000
    html = f"<script type='application/ld+json'>{deep}</script><h1>Title</h1>"
    document = read_document(html.encode())
    assert document is not None
    assert read_facts(document, "https://news.example/1").titles == ("Title",)


# Anything at all

pieces = st.sampled_from(
    ["<p>", "</p>", "<div class='", "'>", "<script>", "</script>", "<!--", "-->", "<h1>", "<title>",
     "<link rel=canonical href=", "<meta property=og:title content=", "&#x0;", "&amp;", "\x00",
     '<script type="application/ld+json">{"@type":"NewsArticle","hasPart":', "]}", "\ud7ff",
     "some words of a text, which go on for a while. " * 8, "<table><tr><td>", "<br>", "<", ">"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(pieces, st.text(max_size=30)), max_size=40), st.binary(max_size=40))
def test_no_page_is_too_odd_to_be_judged(parts: list[str], more: bytes) -> None:
    body = "".join(parts).encode("utf-8", "replace") + more
    url = "https://news.example/1"
    answer = Fetched(200, url, {"content-type": "text/html"}, body)
    judged = judge(answer, url, make_outlet(), make_article(1))
    assert judged.text or judged.sentence
