"""The demo's headlines: enough of them, over all labels, and fillable."""

from __future__ import annotations

import random
import re

import pytest

from services.demo.templates import Phrasebook, load_phrasebook
from services.domain.codebook import LABELS


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return load_phrasebook()


def test_at_least_300_templates_have_different_words(book: Phrasebook) -> None:
    assert len({template.title for template in book.templates}) >= 300


def test_english_alone_has_at_least_300_templates(book: Phrasebook) -> None:
    english = {template.title for template in book.templates if template.language == "en"}
    assert len(english) >= 300


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_label_is_carried_by_some_template(book: Phrasebook, language: str) -> None:
    carried = {
        label
        for template in book.templates
        if template.language == language
        for label in template.labels()
    }
    assert carried == set(LABELS)


def test_every_template_fills_without_a_slot_left(book: Phrasebook) -> None:
    rng = random.Random(7)
    for template in book.templates:
        title, lead = book.fill(template, rng)
        assert title
        assert not re.search(r"[{}|]|\s{2}", title + lead)


def test_filling_is_repeatable(book: Phrasebook) -> None:
    first = [book.fill(template, random.Random(3)) for template in book.templates]
    again = [book.fill(template, random.Random(3)) for template in book.templates]
    assert first == again


def test_a_slot_used_twice_takes_two_words(book: Phrasebook) -> None:
    twice = [t for t in book.templates if t.title.count("{club}") == 2]
    assert twice
    clubs = [word for words in book.words.values() for word in words.get("club", ())]
    for template in twice:
        title, _ = book.fill(template, random.Random(1))
        assert len({club for club in clubs if club in title}) >= 2
