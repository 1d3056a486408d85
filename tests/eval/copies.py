"""Edited copies of real articles, and different stories on one event, made from histories.

The histories hold a title and the beginning of a lead. A text is composed of the headlines and
leads that the same outlet wrote on the same subject in those days, so that two stories on one
event quote the same sentences. Everything is drawn by the hash of an address: the same rows,
edits and halves on every run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from services.collect.identity.canonical import article_id_of
from services.domain.article import Article
from services.domain.identity import content_hash
from tests.eval.histories import Corpus, Half, Row, as_article, number_of

OWN_SENTENCES = 8
QUOTED_SENTENCES = 6


@dataclass(frozen=True)
class Pair:
    """Two articles of two outlets, and whether the second is a copy of the first."""

    strength: str
    one: Article
    other: Article


# Copies

Edit = Callable[[Article, Sequence[str], random.Random], Article]


def copies(corpus: Corpus, half: Half, count: int) -> Iterator[Pair]:
    """Yield edited copies of `count` rows, in every strength that the row allows."""
    places = [place for place, row in enumerate(corpus.rows) if row.half == half]
    places.sort(key=lambda place: number_of("draw" + corpus.rows[place].url))
    for place in places[:count]:
        yield from _copies_of(corpus, place)


def _copies_of(corpus: Corpus, place: int) -> Iterator[Pair]:
    row = corpus.rows[place]
    sentences = _sentences(corpus, place)
    text = " ".join([_whole(row.lead), *sentences[:OWN_SENTENCES]]).strip()
    for name, (needs, edit) in {**EDITS, **BEYOND}.items():
        if needs == "lead" and not row.lead:
            continue
        rng = random.Random(number_of(name + row.url))
        given = row if needs else replace(row, lead="")
        one = as_article(given, text if needs == "text" else "")
        edited = edit(one, sentences[OWN_SENTENCES:], rng)
        yield Pair(name, one, _elsewhere(edited, rng))


def _sentences(corpus: Corpus, place: int) -> list[str]:
    """What the outlet wrote on the subject in those days, nearest first."""
    rows = (corpus.rows[other] for _, other in corpus.near[place])
    return [f"{row.title}. {_whole(row.lead)}".strip() for row in rows]


def _whole(lead: str) -> str:
    """The lead without the word that the history cut off, and without a dateline."""
    lead = re.sub(r"^.{0,40}/TASS/\.?\s*", "", lead)
    return lead.rpartition(" ")[0] + "." if lead else ""


def _identical(one: Article, _: Sequence[str], __: random.Random) -> Article:
    return one


def _typography(one: Article, _: Sequence[str], rng: random.Random) -> Article:
    swaps = {"‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "—": "-", "–": "-"}

    def plain(text: str) -> str:
        return "".join(swaps.get(letter, letter) for letter in text).replace(", ", ", ")

    title = plain(one.title)
    title = rng.choice((title.upper(), title.title(), title + ".", f"«{title}»", title.lower()))
    return replace(one, title=title, lead=plain(one.lead), text=plain(one.text))


_NAMES = ("Northern Ledger", "The Daily Compass", "Vesti Plus", "Radio Meridian", "N24")


def _named(one: Article, _: Sequence[str], rng: random.Random) -> Article:
    name = rng.choice(_NAMES)
    form = rng.choice(("{t} | {n}", "{t} - {n}", "{t} — {n}", "{t} :: {n}", "{n}: {t}"))
    return replace(one, title=form.format(t=one.title, n=name))


_OTHER_WORDS = {
    "says": "states", "said": "told", "over": "about", "after": "following", "us": "United States",
    "amid": "during", "calls": "urges", "may": "could", "will": "would", "against": "on",
    "talks": "negotiations", "troops": "forces", "attack": "strike", "plans": "intends",
    "заявил": "сообщил", "рассказал": "поведал", "прошел": "состоялся", "начался": "стартовал",
    "около": "примерно", "стал": "оказался", "страны": "государства",
}  # fmt: skip


def _swapped(one: Article, _: Sequence[str], rng: random.Random) -> Article:
    """One or two words: changed for others, changed places, left out, or put in."""
    words = one.title.split()
    for _turn in range(rng.choice((1, 2))):
        place = rng.randrange(len(words))
        known = [at for at, word in enumerate(words) if word.lower() in _OTHER_WORDS]
        kind = rng.randrange(4)
        if kind == 0 and known:
            place = rng.choice(known)
            words[place] = _OTHER_WORDS[words[place].lower()]
        elif kind == 1 and len(words) > 4 and not re.search(r"\d", words[place]):
            del words[place]
        elif kind == 2:
            words.insert(place, "reportedly" if one.language == "en" else "вновь")
        elif place:
            words[place - 1], words[place] = words[place], words[place - 1]
    return replace(one, title=" ".join(words))


def _rewritten(one: Article, _: Sequence[str], rng: random.Random) -> Article:
    """The first sentence in another order and with other words around it."""
    words = _whole(one.lead).rstrip(".").split()
    rng.shuffle(words)
    opening = "It became known today" if one.language == "en" else "Сегодня стало известно"
    lead = f"{opening}: {' '.join(words)}."
    _first, dot, rest = one.text.partition(". ")
    return replace(one, lead=lead, text=f"{lead} {rest}" if dot else one.text)


def _lead_cut(one: Article, _: Sequence[str], __: random.Random) -> Article:
    return replace(one, lead="", text=one.text.partition(". ")[2])


def _truncated(one: Article, _: Sequence[str], __: random.Random) -> Article:
    words = one.text.split()
    return replace(one, text=" ".join(words[: len(words) // 2]))


def _boilerplate(one: Article, others: Sequence[str], _: random.Random) -> Article:
    lines = [f"Read also: {line}" for line in others[:3]]
    lines.append("Subscribe to our channel so that you do not miss the latest news.")
    return replace(one, text="\n".join([one.text, *lines]))


def _paraphrased(one: Article, _: Sequence[str], rng: random.Random) -> Article:
    """The title in other words: its lead's, or its own two halves exchanged and half as long."""
    lead = _whole(one.lead).rstrip(".")
    if len(lead.split()) > 4:
        return replace(one, title=lead)
    words = one.title.split()
    half = len(words) // 2
    kept = [*words[half:], *(word for word in words[:half] if rng.random() < 0.4)]
    return replace(one, title=" ".join(kept))


def _reworded(share: float) -> Edit:
    """One word in so many changed, all over the text; the title stays."""

    def edit(one: Article, _: Sequence[str], rng: random.Random) -> Article:
        words = [
            f"{word}{rng.choice('abcdefgh')}" if rng.random() < share else word
            for word in one.text.split()
        ]
        return replace(one, text=" ".join(words))

    return edit


def _headline_only(one: Article, _: Sequence[str], rng: random.Random) -> Article:
    return replace(_named(one, (), rng), text="")


def _several(one: Article, others: Sequence[str], rng: random.Random) -> Article:
    edited = _typography(one, others, rng)
    for edit in (_named, _truncated, _boilerplate):
        edited = edit(edited, others, rng)
    return edited


EDITS: Mapping[str, tuple[str, Edit]] = {
    "headline: identical": ("", _identical),
    "headline: case, quotes, dashes": ("", _typography),
    "headline: outlet's name added": ("", _named),
    "headline + lead: identical": ("lead", _identical),
    "headline + lead: a word or two swapped": ("lead", _swapped),
    "headline + lead: lead rewritten": ("lead", _rewritten),
    "headline + lead: lead cut": ("lead", _lead_cut),
    "text: a word or two of the title swapped": ("text", _swapped),
    "text: first sentence rewritten": ("text", _rewritten),
    "text: lead cut": ("text", _lead_cut),
    "text: cut to 50 %": ("text", _truncated),
    "text: 'read also' added": ("text", _boilerplate),
    "text: another title": ("text", _paraphrased),
    "text: one word in ten changed, another title": (
        "text",
        lambda one, others, rng: _paraphrased(_reworded(0.1)(one, others, rng), others, rng),
    ),
    "text: headline and lead only elsewhere": ("text", _headline_only),
    "text: case, name, cut, 'read also' at once": ("text", _several),
}

BEYOND: Mapping[str, tuple[str, Edit]] = {
    "beyond: one word in five changed, another title": (
        "text",
        lambda one, others, rng: _paraphrased(_reworded(0.2)(one, others, rng), others, rng),
    ),
    "beyond: headline alone, a word or two swapped": ("", _swapped),
}
"""What is not promised, and is shown all the same: rewritten stories, and title against title."""


# Different stories


def different(corpus: Corpus, half: Half, count: int) -> Iterator[Pair]:
    """Yield the `count` pairs of different articles of one outlet that are most alike, each as
    headline with lead, and again with texts that quote `QUOTED_SENTENCES` of the same."""
    found = sorted(
        (-score, place, other)
        for place, nearest in enumerate(corpus.near)
        for score, other in nearest
        if place < other
        and corpus.rows[place].half == corpus.rows[other].half == half
        and not republished(corpus.rows[place], corpus.rows[other])
    )
    for _, place, other in found[:count]:
        one, two = corpus.rows[place], corpus.rows[other]
        rng = random.Random(number_of(one.url + two.url))
        yield Pair("same event, headline and lead", as_article(one, ""), _other(two, "", rng))
        quoted = [
            line
            for line in _sentences(corpus, place)
            if not line.startswith((one.title, two.title))
        ][:QUOTED_SENTENCES]
        texts = [_own_text(corpus, at, quoted) for at in (place, other)]
        yield Pair(
            "same event, the same quotes", as_article(one, texts[0]), _other(two, texts[1], rng)
        )


def _own_text(corpus: Corpus, place: int, quoted: Sequence[str]) -> str:
    row = corpus.rows[place]
    rng = random.Random(number_of("own" + row.url))
    first, last = max(0, place - 150), min(len(corpus.rows), place + 150)
    own = [corpus.rows[at] for at in rng.sample(range(first, last), OWN_SENTENCES)]
    lines = [f"{item.title}. {_whole(item.lead)}" for item in own]
    return " ".join([_whole(row.lead), *lines[:2], *quoted, *lines[2:]])


def republished(one: Row, other: Row) -> bool:
    """True where an outlet put the same headline out again: such a pair is no different story.

    The same words in whatever order; on different days only where no lead names the day.
    """
    same = sorted(re.findall(r"\w+", one.title.casefold())) == sorted(
        re.findall(r"\w+", other.title.casefold())
    )
    return same and (one.day == other.day or not (one.lead and other.lead))


def _elsewhere(article: Article, rng: random.Random) -> Article:
    """The article as another outlet would carry it, up to two days later."""
    url = f"https://elsewhere.example/news/{rng.randrange(10**9)}"
    later = timedelta(minutes=rng.randrange(2 * 24 * 60))
    return replace(
        article,
        id=article_id_of(url),
        outlet="elsewhere",
        url=url,
        published=article.published + later,
        content_hash=content_hash(article.title, article.lead, article.text),
    )


def _other(row: Row, text: str, rng: random.Random) -> Article:
    article = as_article(row, text)
    return replace(_elsewhere(article, rng), published=article.published)
