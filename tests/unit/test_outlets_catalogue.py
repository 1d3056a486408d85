"""The packaged catalogue is complete, and a user's file replaces or extends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.domain.outlet import Certainty, Group
from services.errors import ConfigurationError
from services.outlets.catalogue import Catalogue, load_catalogue

ONE = """
outlets:
  - id: example
    name: Example
    group: control
    language: "no"
    feed: https://news.example/feed
"""


@pytest.fixture(scope="module")
def packaged() -> Catalogue:
    return load_catalogue()


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_catalogue(write(folder, text))
    return str(caught.value)


def test_every_group_of_the_packaged_catalogue_is_filled(packaged: Catalogue) -> None:
    sizes = {group: len(members) for group, members in packaged.groups().items()}
    assert sizes == {"state": 9, "alternative": 14, "control": 3}


def test_every_packaged_outlet_says_why_it_is_in_its_group_and_on_what_source(
    packaged: Catalogue,
) -> None:
    assert all(outlet.reason and outlet.source for outlet in packaged.outlets)


def test_outlets_of_the_same_report_name_it_as_their_source(packaged: Catalogue) -> None:
    named = [outlet.id for outlet in packaged.outlets if "August 2020" in outlet.source]
    assert named == [
        "strategic-culture", "new-eastern-outlook", "global-research", "news-front",
        "southfront", "geopolitika", "katehon",
    ]  # fmt: skip


def test_tass_is_asked_as_a_browser_would_and_its_pages_are_left_alone(packaged: Catalogue) -> None:
    tass = packaged.get("tass")
    assert tass is not None
    assert tass.user_agent.startswith("Mozilla/")
    assert "xml" in tass.headers["Accept"]
    assert not tass.fetch_pages


@pytest.mark.parametrize("name", ["rt", "RT", " Russia  Today ", "russia today"])
def test_an_outlet_answers_to_id_name_and_alias(packaged: Catalogue, name: str) -> None:
    outlet = packaged.get(name)
    assert outlet is not None
    assert outlet.id == "rt"


def test_a_russian_alias_is_found_in_any_case(packaged: Catalogue) -> None:
    outlet = packaged.get("ПЕРВЫЙ КАНАЛ")
    assert outlet is not None
    assert outlet.id == "channel-one"


def test_an_unknown_name_is_none(packaged: Catalogue) -> None:
    assert packaged.get("nobody") is None


def test_groups_hold_ids_and_an_unknown_group_is_empty(packaged: Catalogue) -> None:
    assert packaged.in_group("control") == ("bbc-world", "al-jazeera", "deutsche-welle")
    assert packaged.in_group("nobody") == ()


def test_a_file_of_ones_own_replaces_the_packaged_one(tmp_path: Path) -> None:
    (outlet,) = load_catalogue(write(tmp_path, ONE)).outlets
    assert (outlet.id, outlet.language, outlet.group) == ("example", "no", Group.CONTROL)
    assert outlet.certainty is Certainty.C


def test_extend_adds_outlets_behind_the_packaged_ones(tmp_path: Path, packaged: Catalogue) -> None:
    extended = load_catalogue(write(tmp_path, "extend: true" + ONE))
    assert [item.id for item in extended.outlets] == [
        *(item.id for item in packaged.outlets),
        "example",
    ]


def test_extend_overrides_only_the_fields_that_an_entry_repeats(
    tmp_path: Path, packaged: Catalogue
) -> None:
    own = (
        "extend: yes\noutlets:\n  - id: rt\n    proxy: http://127.0.0.1:8118\n    group: control\n"
    )
    rt = load_catalogue(write(tmp_path, own)).get("rt")
    before = packaged.get("rt")
    assert rt is not None
    assert before is not None
    assert (rt.proxy, rt.group) == ("http://127.0.0.1:8118", Group.CONTROL)
    assert (rt.feed, rt.reason) == (before.feed, before.reason)


def test_the_digest_changes_with_a_group_and_not_with_a_feed(
    tmp_path: Path, packaged: Catalogue
) -> None:
    def with_rt(line: str) -> str:
        own = f"extend: true\noutlets:\n  - id: rt\n    {line}\n"
        return load_catalogue(write(tmp_path, own)).digest

    assert with_rt("group: control") != packaged.digest
    assert with_rt("feed: https://elsewhere.example/rss") == packaged.digest


@pytest.mark.parametrize(
    ("line", "number", "said"),
    [
        ("group: stat", 5, "groups are state, alternative, control"),
        ("language: xx", 5, "ISO 639-1"),
        ("language: russian", 5, "ISO 639-1"),
        ("feed: ftp://news.example/feed", 5, "starts with http:// or https://"),
        ("feed: https://user:secret@news.example/feed", 5, "put them into 'headers'"),
        ("feed: https://news.example:port/feed", 5, "is not a URL"),
        ("feed: https://1.2.3.999/feed", 5, "is not a URL"),
        ("feed: https://xn--a.example/feed", 5, "is not a URL"),
        ("proxy: http://256.1.1.1:1080", 5, "is not a URL"),
        ("certainty: D", 5, "it is A, B or C"),
        ("fetch_pages: perhaps", 5, "must be true or false"),
        ("aliases: Example", 5, "must be a list of names"),
        ("headers: [Accept]", 5, "header names with their values"),
        ("headers: {'Bad Name': x}", 5, "not the name of an HTTP header"),
        ("proxy: ftp://127.0.0.1:1080", 5, "http://, https://, socks5:// or socks5h://"),
        ("timezone: Moscow", 5, "IANA name of a time zone"),
        ("timezone: MSK", 5, "IANA name of a time zone"),
        ("text_hints: //article", 5, "must be 'include' and 'exclude'"),
        ("text_hints: {body: [//p]}", 5, "its keys are 'include' and 'exclude'"),
        ("text_hints: {include: //p}", 5, "a list of XPath expressions under 'include'"),
        ("text_hints: {include: ['//p[']}", 5, "'//p[', which is no XPath expression"),
        ("text_hints: {exclude: ['count(//p)']}", 5, "gives no elements"),
        ("feeed: https://news.example/feed", 5, "'feeed' is not a key here"),
        ("id: other", 5, "a second time"),
        ('name: "a\\u202Eb"', 5, "invisible"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(
    tmp_path: Path, line: str, number: int, said: str
) -> None:
    key = line.partition(":")[0]
    rows = {
        "name": "name: Example",
        "group": "group: control",
        "language": "language: en",
        "feed": "feed: https://news.example/feed",
    }
    rows.pop(key, None)
    text = "\n".join(["outlets:", "  - id: example", "", "", f"    {line}"])
    text = text.replace("\n\n\n", "\n    # a comment\n    # another\n")
    text += "".join(f"\n    {row}" for row in rows.values()) + "\n"
    message = problems(tmp_path, text)
    assert f"mine.yaml, line {number}: " in message
    assert said in message
    assert len(message.splitlines()) == 1


def test_a_proxy_with_a_password_is_refused_without_showing_it(tmp_path: Path) -> None:
    message = problems(tmp_path, ONE + "    proxy: gopher://me:secret@proxy.example/\n")
    assert "gopher://…@proxy.example" in message
    assert "secret" not in message


def test_a_zone_and_hints_for_the_text_are_read(tmp_path: Path) -> None:
    own = """    timezone: Europe/Moscow
    text_hints:
      include: [//article, "//div[@class='text']"]
      exclude:
        - //aside
    proxy: socks5h://127.0.0.1:9050
"""
    (outlet,) = load_catalogue(write(tmp_path, ONE + own)).outlets
    assert (outlet.timezone, outlet.proxy) == ("Europe/Moscow", "socks5h://127.0.0.1:9050")
    assert outlet.text_hints == {
        "include": ("//article", "//div[@class='text']"),
        "exclude": ("//aside",),
    }


def test_a_missing_key_is_named_at_the_outlet(tmp_path: Path) -> None:
    message = problems(tmp_path, "outlets:\n  - id: a\n  - id: example\n    name: E\n")
    assert "line 3: the outlet 'example' has no 'feed'." in message


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    message = problems(tmp_path, ONE.replace("control", "both").replace("https", "gopher"))
    assert len(message.splitlines()) == 2


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("id: example\n    name: Other\n    feed: https://o.example/", "the name 'example'"),
        ("id: other\n    name: EXAMPLE\n    feed: https://o.example/", "the name 'EXAMPLE'"),
        ("id: other\n    name: O\n    feed: http://www.news.example/feed/", "the feed http://www"),
    ],
)
def test_what_two_outlets_claim_is_named_with_both_lines(
    tmp_path: Path, second: str, said: str
) -> None:
    text = f"{ONE}  - {second}\n    group: control\n    language: en\n"
    message = problems(tmp_path, text)
    assert "mine.yaml, line 8: " in message
    assert said in message
    assert message.endswith("line 3.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("outlets:\n  - id: [a\n", "line 3: this is not YAML"),
        ("", "line 1: a catalogue needs the key 'outlets'"),
        ("extend: true\n", "'outlets' must be a list"),
        ("outlets: 3\n", "'outlets' must be a list"),
        ("outlets:\n  - just a word\n", "line 2: an outlet is written as keys and values"),
        ("outlet: []\n", "line 1: 'outlet' is not a key here"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_in_a_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in problems(tmp_path, text)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.yaml: the catalogue cannot be read"):
        load_catalogue(tmp_path / "gone.yaml")


def test_a_file_in_another_encoding_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes("outlets: # каталог".encode("cp1251"))
    with pytest.raises(ConfigurationError, match="is not a UTF-8 text file"):
        load_catalogue(path)
