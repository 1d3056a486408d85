"""The codebook data file: complete as shipped, and a mistake in it is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.domain.codebook import LABELS
from services.errors import ConfigurationError
from services.framing.codebook import CODEBOOK_FILE, load_codebook


def test_every_label_has_texts_in_canonical_order() -> None:
    codebook = load_codebook()
    assert tuple(codebook.labels) == LABELS
    assert all(text.en and text.ru and text.description for text in codebook.labels.values())


def test_titles_are_distinct_in_both_languages() -> None:
    texts = load_codebook().labels.values()
    for language in ("en", "ru"):
        assert len({text.title(language) for text in texts}) == len(LABELS)


def test_thaw_and_chill_are_counted_among_articles_about_the_us() -> None:
    signals = load_codebook().signals
    assert set(signals) >= {"thaw", "chill"}
    assert {signals[name].about for name in ("thaw", "chill")} == {"us"}
    assert "relations=detente" in signals["thaw"].labels
    assert "relations=confrontation" in signals["chill"].labels


def _set(*path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(record: dict[str, Any]) -> None:
        for key in path[:-1]:
            record = record[key]
        record[path[-1]] = value

    return edit


def _drop(*path: str) -> Callable[[dict[str, Any]], None]:
    def edit(record: dict[str, Any]) -> None:
        for key in path[:-1]:
            record = record[key]
        del record[path[-1]]

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_set("labels", "frame=cats", value={}), "frame=cats"),
        (_drop("labels", "frame=dialogue"), "does not describe frame=dialogue"),
        (_drop("labels", "us=hostile", "ru"), "us=hostile exactly"),
        (_set("labels", "us=hostile", "en", value=" "), "us=hostile.en"),
        (_set("labels", value=[]), "under labels"),
        (_set("signals", "thaw", "labels", value=["frame=cats"]), "'frame=cats'"),
        (_set("signals", "thaw", "labels", value=[]), "no list of labels"),
        (_set("signals", "thaw", "labels", value=["us=hostile"] * 2), "repeats a label"),
        (_set("signals", "thaw", "about", value="them"), "about: 'them'"),
        (_set("signals", "thaw", "colour", value="red"), "signal thaw exactly"),
        (_drop("signals"), "'labels' and 'signals' only"),
    ],
)
def test_a_wrong_codebook_is_named(
    tmp_path: Path, edit: Callable[[dict[str, Any]], None], message: str
) -> None:
    record = yaml.safe_load(CODEBOOK_FILE.read_text(encoding="utf-8"))
    edit(record)
    path = tmp_path / "codebook.yaml"
    path.write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_codebook(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"labels: [", b"\xff\xfe\x00", b""])
def test_a_file_that_is_no_codebook_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="codebook"):
        load_codebook(path)


def test_a_missing_codebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_codebook(tmp_path / "none.yaml")
