"""Headline templates: read from the data files, and filled from their word lists.

A file `headlines/NAME.yaml` holds one language, its word lists and its blocks. A block is a
theme with one intended labelling; its lines are `TITLE` or `TITLE || LEAD`. A slot such as
`{official}` is filled from the word list of that name; the same slot twice in a line takes
two different words. Everything is written for the demo; no line quotes anybody.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import yaml

from services.domain.codebook import FRAMES, RELATIONS, US

_SLOT: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One headline with slots, its lead (may be empty) and the labels it is meant to carry."""

    file: str
    theme: str
    language: str
    title: str
    lead: str
    us: str
    relations: str
    frames: tuple[str, ...]

    def labels(self) -> tuple[str, ...]:
        """The intended labels in their written form."""
        return (
            f"us={self.us}",
            f"relations={self.relations}",
            *(f"frame={name}" for name in self.frames),
        )


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """All templates, and the word lists of each file."""

    templates: tuple[Template, ...]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]

    @property
    def languages(self) -> frozenset[str]:
        """The languages that there are templates in."""
        return frozenset(template.language for template in self.templates)

    def themes(self, language: str) -> dict[str, tuple[Template, ...]]:
        """Templates of one language by theme."""
        found: dict[str, list[Template]] = {}
        for template in self.templates:
            if template.language == language:
                found.setdefault(template.theme, []).append(template)
        return {theme: tuple(lines) for theme, lines in found.items()}

    def fill(self, template: Template, rng: random.Random) -> tuple[str, str]:
        """Return (title, lead) with every slot filled; one drawing serves both."""
        words = self.words[template.file]
        used: set[str] = set()

        def draw(match: re.Match[str]) -> str:
            choices = [word for word in words[match[1]] if word not in used]
            word = rng.choice(choices)
            used.add(word)
            return word

        title = _SLOT.sub(draw, template.title)
        lead = _SLOT.sub(draw, template.lead)
        return _capital(title), _capital(lead)


def load_phrasebook() -> Phrasebook:
    """Read every file of `headlines/`; ValueError names the file and line that is wrong."""
    templates: list[Template] = []
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    folder = files("services.demo").joinpath("headlines")
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".yaml"):
            continue
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        language = data["language"]
        words[file.name] = {
            name: tuple(str(value) for value in values)
            for name, values in (data.get("words") or {}).items()
        }
        for block in data.get("blocks") or ():
            templates += _block(file.name, language, block)
    for template in templates:
        _check_slots(template, words[template.file])
    return Phrasebook(tuple(templates), words)


def _block(file: str, language: str, block: Mapping[str, Any]) -> list[Template]:
    us, relations = block.get("us", "absent"), block.get("relations", "absent")
    frames = tuple(block.get("frames") or ())
    if us not in US or relations not in RELATIONS or not set(frames) <= set(FRAMES):
        raise ValueError(f"{file}: unknown label in the block {block['theme']!r}")
    lines = []
    for line in block["lines"]:
        title, _, lead = str(line).partition("||")
        title, lead = title.strip(), lead.strip()
        lines.append(Template(file, block["theme"], language, title, lead, us, relations, frames))
    return lines


def _check_slots(template: Template, words: Mapping[str, tuple[str, ...]]) -> None:
    slots = _SLOT.findall(f"{template.title} {template.lead}")
    for slot in set(slots):
        if len(words.get(slot, ())) < slots.count(slot):
            raise ValueError(
                f"{template.file}: {template.title!r} has no or too short a list {slot!r}"
            )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
