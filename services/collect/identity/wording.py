"""What is compared of two articles: the words of the title, and the shingles of the body.

Typography, case, punctuation, the outlet's own name on the title, labels such as "(VIDEO)" and
the dateline of an agency are not part of a story. Numbers are: "12 killed" is not "15 killed".
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.domain.article import Article

Shingles: TypeAlias = NDArray[np.uint32]

SHINGLE_WORDS: Final = 3
MAX_WORDS: Final = 3_000  # of a body; longer ones are compared by their beginning
_SMALL_WORDS: Final = """
a an the of in on at to for and or by with as is are was were be been its his her their from that
this it has have had into s t
в во на и с со по к ко о об из у за для от до при что как это его её их ее же а но
"""
_STOP: Final = frozenset(_SMALL_WORDS.split())
_NUMBER_WORDS: Final = {
    word: str(value)
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve",
        "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
    )
    for value, word in enumerate(words.split())
}
# They keep two headlines of one pattern apart, as numbers do.
_COUNTING_WORDS: Final = """
first second third fourth fifth quarterfinal quarterfinals semifinal semifinals final finals dozen
dozens monday tuesday wednesday thursday friday saturday sunday january february april june july
august september october november december up down
одна одно одного две двух трех трёх четырех четырёх пяти шести первый первая первое второй вторая
третий понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье января
февраля марта апреля мая июня июля августа сентября октября ноября декабря
"""
_COUNTING: Final = frozenset(_COUNTING_WORDS.split())
_WORD: Final = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_THOUSANDS: Final = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")
_APOSTROPHE: Final = re.compile(r"['’ʼ`´](?:s\b)?", re.IGNORECASE)
_UNITED_STATES: Final = re.compile(r"\bunited states\b|\bu\.\s?s\.(?:\s?a\.)?|\busa\b")
_LABELS: Final = (
    r"breaking|live|live updates|update[ds]?|watch|video|videos|photo|photos|exclusive|opinion"
    r"|just in|factbox|срочно|молния|видео|фото|обновлено|эксклюзив"
)
_LABEL_BEFORE: Final = re.compile(rf"^\W*(?:{_LABELS})\s*[:|!—–-]+\s*", re.IGNORECASE)
_LABEL_BEHIND: Final = re.compile(rf"\s*[(\[][^)\]]{{0,20}}(?:{_LABELS})[)\]]", re.IGNORECASE)
_BEFORE: Final = re.compile(r"^([^:|]{2,30}?)\s*(?::|\|)\s+(?=\S.{15})")
_BEHIND: Final = re.compile(r"^(.{15,}\S)\s+(?:[|•»:]{1,2}|//|[-–—])\s+([^|•»]{2,40})$")
_SURE_BEHIND: Final = re.compile(r"^(.{15,}\S)\s*(?:\||::|•|»|//)\s*([^|•»]{2,40})$")
_BRAND_WORDS: Final = 4
_LONG_WORD: Final = 3  # letters; shorter ones are in lower case even in Such a Headline
_DATELINE: Final = re.compile(
    r"^[^/()—–]{2,60}?(?:/[\w .-]{2,25}/|\([\w .-]{2,25}\)|[—–-]\s?[\w ]{2,20}\.)[\s.:—–-]*"
)
_MONTH: Final = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|мая|май|июн|июл|авг|сен"
    r"|окт|ноя|дек)[^\W\d]*\.?"
)
_DAY: Final = re.compile(
    rf"\b(?:{_MONTH} (?P<after>\d{{1,2}})|(?P<before>\d{{1,2}}) {_MONTH})\b", re.IGNORECASE
)
_DATE_CHARS: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """One article as it is compared with others.

    `titles` are the title's words in order, without small ones: as it stands, then without what
    may be an outlet's name behind or before it; `named` says where that surely is a name.
    `numbers` are those of each form. `names` are the title's words with a capital, None where
    every word has one. `day` is the day of the month that the lead opens with, or
    "". `body` are the sorted hashes of all shingles of three words in lead and text.
    """

    article_id: str
    outlet: str
    language: str
    published: datetime
    titles: tuple[tuple[str, ...], ...]
    named: tuple[bool, ...]
    numbers: tuple[tuple[str, ...], ...]
    names: frozenset[str] | None
    day: str
    body: Shingles


def wording_of(article: Article) -> Wording:
    """Return what is compared of `article`."""
    title = _without_labels(unicodedata.normalize("NFKC", article.title))
    brand = _brand_words(article.outlet, article.url)
    forms = [(title, False), *_without_names(title, brand)]
    words = [words_of(form) for form, _ in forms]
    lead, text = _hashed(_body_words(article.lead)), _hashed(_body_words(article.text))
    found = _DAY.search(article.lead[:_DATE_CHARS])
    return Wording(
        article_id=article.id,
        outlet=article.outlet,
        language=article.language,
        published=article.published,
        titles=tuple(tuple(word for word in form if word not in _STOP) for form in words),
        named=tuple(sure for _, sure in forms),
        numbers=tuple(_numbers(form) for form in words),
        names=_names(title),
        day=(found["after"] or found["before"]) if found else "",
        body=np.union1d(lead, text) if len(text) else lead,
    )


def words_of(text: str) -> list[str]:
    """Return the words of `text`: case and Unicode form do not count, numbers have no commas
    for thousands, and small ones are digits."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _UNITED_STATES.sub("us", _APOSTROPHE.sub("", _THOUSANDS.sub("", plain)))
    return [_NUMBER_WORDS.get(word, word) for word in _WORD.findall(plain)]


def _numbers(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in words if word in _COUNTING or any(map(str.isdigit, word))))


def _names(title: str) -> frozenset[str] | None:
    """The words that may be names; None for a headline that is all capitals or Has Them All."""
    words = [word for word in _WORD.findall(_APOSTROPHE.sub("", title)) if word[0].isalpha()]
    capital = [word for word in words if word[0].isupper()]
    long = [word for word in words if len(word) > _LONG_WORD]
    if all(word[0].isupper() for word in long):
        return None
    return frozenset(word.casefold() for word in capital)


def _without_labels(title: str) -> str:
    title = _LABEL_BEHIND.sub("", title)
    while (rest := _LABEL_BEFORE.sub("", title, count=1)) != title and rest:
        title = rest
    return title


def _without_names(title: str, brand: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """The title without what may be an outlet's name at either end, and whether it surely is."""
    if found := _SURE_BEHIND.match(title):
        if len(found[2].split()) <= _BRAND_WORDS:
            yield found[1], True
    elif (found := _BEHIND.match(title)) and len(found[2].split()) <= _BRAND_WORDS:
        yield found[1], not brand.isdisjoint(words_of(found[2]))
    if (found := _BEFORE.match(title)) and len(found[1].split()) <= _BRAND_WORDS:
        yield title[found.end() :], not brand.isdisjoint(words_of(found[1]))


def _brand_words(outlet: str, url: str) -> frozenset[str]:
    host = url.partition("//")[2].partition("/")[0]
    return _cached_brand(outlet, host)


@lru_cache(maxsize=1_024)
def _cached_brand(outlet: str, host: str) -> frozenset[str]:
    labels = host.removeprefix("www.").split(".")[:-1]
    return frozenset(words_of(" ".join((outlet, *labels))))


def _body_words(text: str) -> list[str]:
    return words_of(_DATELINE.sub("", text, count=1))[:MAX_WORDS]


def _hashed(words: Sequence[str]) -> Shingles:
    """Sorted distinct 32-bit hashes of all runs of three words; of all words when fewer."""
    if not words:
        return np.empty(0, np.uint32)
    codes = np.fromiter(
        (zlib.crc32(word.encode("utf-8", "replace")) for word in words), np.uint32, len(words)
    )
    size = min(SHINGLE_WORDS, len(words))
    runs = np.zeros(len(words) - size + 1, np.uint32)
    for offset in range(size):
        # An odd factor: the order of the words counts, and none of them is lost.
        runs = runs * np.uint32(0x9E3779B1) + codes[offset : len(codes) - size + 1 + offset]
    return np.unique(runs)
