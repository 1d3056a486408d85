"""A new outlet is written into the user's catalogue, and everything else there stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from services.errors import ConfigurationError
from services.outlets.adding import add_outlet, entry_text
from services.outlets.catalogue import load_catalogue

NEW = {
    "id": "new", "name": "Новая: газета", "group": "control", "language": "no",
    "feed": "https://new.example/feed", "reason": "Said so # often", "source": "A list: 2025",
    "headers": {"Accept": "*/*"}, "fetch_pages": False,
}  # fmt: skip
OTHER = {**NEW, "id": "other", "name": "Other", "feed": "https://other.example/feed"}
OLD = """  - id: old
    name: Old
    group: state
    language: ru
    feed: https://old.example/feed"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "outlets.yaml"


def existing(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_a_catalogue_is_made_that_extends_the_packaged_one(path: Path) -> None:
    catalogue = add_outlet(path, NEW)
    assert catalogue == load_catalogue(path)
    new, rt = catalogue.get("new"), catalogue.get("rt")
    assert rt is not None
    assert new is not None
    assert (new.name, new.language, new.reason) == ("Новая: газета", "no", "Said so # often")
    assert (new.headers, new.fetch_pages) == ({"Accept": "*/*"}, False)


def test_a_second_outlet_follows_the_first(path: Path) -> None:
    add_outlet(path, NEW)
    ids = [outlet.id for outlet in add_outlet(path, OTHER).outlets]
    assert ids[-2:] == ["new", "other"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"# mine\nextend: true\noutlets:\n{OLD}  # a note\n", ""),
        (f"outlets:\n{OLD}", ""),
        (f"outlets:\n{OLD}\n", "\n\n# the end\n"),
        (f"outlets:\n{OLD}\n", "extend: true  # at the end\n"),
        (f"outlets:\n{OLD}\n    reason: >-\n      Two\n      lines\n", "extend: true\n"),
        (f"outlets:\n{OLD}\n    reason: |\n      Two\n\n      lines\n", "# end\nextend: no\n"),
        (f"outlets:\n{OLD}\n    aliases: [a1, b1]\n", "# end\n"),
        (f"outlets:\n{OLD}\n    aliases:\n      - a1\n      - b1 # note\n", "extend: true\n"),
        (f"outlets:\n{OLD}\n    reason: &same Because\n    source: *same\n", "extend: true\n"),
        (f"outlets:\n{OLD.replace('  - ', '- ').replace('    ', '  ')}\n", "extend: true\n"),
        ("extend: true\noutlets:\n", ""),
        ("extend: true\noutlets:  # none yet\n", "# end\n"),
    ],
)
def test_what_stands_in_the_file_stays_as_it_is(path: Path, before: str, after: str) -> None:
    existing(path, before + after)
    catalogue = add_outlet(path, NEW)
    written = path.read_text(encoding="utf-8")
    assert catalogue.outlets[-1].id == "new"
    assert written.startswith(before)
    assert written.endswith(after)
    assert (catalogue.get("old") is None) == ("id: old" not in before)


def test_an_empty_list_becomes_one_with_an_outlet(path: Path) -> None:
    existing(path, "outlets: []\nextend: true\n")
    assert add_outlet(path, NEW).outlets[-1].id == "new"
    assert path.read_text(encoding="utf-8").endswith("extend: true\n")


def test_a_file_of_comments_alone_keeps_them(path: Path) -> None:
    existing(path, "# later\n")
    assert add_outlet(path, NEW).get("rt") is not None
    assert path.read_text(encoding="utf-8").startswith("# later\n")


def test_line_ends_and_the_mark_of_another_system_are_kept(path: Path) -> None:
    existing(path, f"\ufeffoutlets:\n{OLD}\n".replace("\n", "\r\n"))
    add_outlet(path, NEW)
    written = path.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.count(b"\n") == written.count(b"\r\n")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (f"outlets:\n{OLD.replace('old', 'new')}\n", "is already taken"),
        (f"outlets:\n{OLD.replace('https://old.', 'http://www.new.')}\n", "is already taken"),
        ("outlets: [{id: old}]\n", "one below the other"),
        ("extend: true\n", "one below the other"),
        ("- a\n- list\n", "one below the other"),
        ("outlets: [\n", "cannot be read as it is"),
        ("outlets:\n  - id: broken\n", "'broken' has no 'name'"),
    ],
)
def test_a_file_that_would_not_load_stays_as_it_was(path: Path, before: str, said: str) -> None:
    existing(path, before)
    with pytest.raises(ConfigurationError) as caught:
        add_outlet(path, NEW)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert path.read_text(encoding="utf-8") == before
    assert [file.name for file in path.parent.iterdir()] == ["outlets.yaml"]


def test_a_value_that_the_catalogue_refuses_is_not_written(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"outlets\.yaml, line 8: 'language' is 'xx'"):
        add_outlet(path, {**NEW, "language": "xx"})
    assert not path.exists()


def test_an_outlet_that_comes_with_framewatch_is_not_overridden(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"'rt' is already taken by the outlet RT"):
        add_outlet(path, {**NEW, "id": "rt"})
    assert not path.exists()


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        add_outlet(tmp_path / "file" / "outlets.yaml", NEW)


def test_a_link_to_the_catalogue_stays_a_link(path: Path, tmp_path: Path) -> None:
    existing(path, f"outlets:\n{OLD}\n")
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    add_outlet(link, NEW)
    assert link.is_symlink()
    assert "id: new" in path.read_text(encoding="utf-8")


def test_an_entry_as_text_is_the_entry() -> None:
    assert yaml.safe_load(entry_text(NEW)) == [NEW]
