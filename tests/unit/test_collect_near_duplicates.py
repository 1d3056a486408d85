"""Copies of a story, and stories that only read alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.identity.near_duplicates import bands_of, is_copy
from services.collect.identity.wording import wording_of, words_of
from services.domain.article import Article
from tests.support.records import NOW, make_article

TITLE = "Envoys of both countries leave the talks at the lake without a joint statement"
LEAD = "The delegations spoke for six hours behind closed doors and will not meet this spring."
PINNED = (742367656, -1962623070)
TEXT = " ".join(
    f"Sentence {name} of the report says what nobody at the {name} table wanted to hear."
    for name in "first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905
)


def _article(outlet: str = "tass", **fields: object) -> Article:
    return make_article(**{"title": TITLE, "lead": "", "outlet": outlet, **fields})  # type: ignore[arg-type]


def _copies(one: Article, other: Article) -> bool:
    """Both as the stage asks: a shared band, and the exact check, whichever stands first."""
    wordings = wording_of(one), wording_of(other)
    verdicts = {is_copy(*wordings), is_copy(*reversed(wordings))}
    assert len(verdicts) == 1
    met = not set(bands_of(wordings[0])).isdisjoint(bands_of(wordings[1]))
    return met and verdicts.pop()


@pytest.mark.parametrize(
    "title",
    [
        TITLE,
        TITLE.upper(),
        TITLE.title(),
        f"«{TITLE}».",
        f"{TITLE} — RT World News",
        f"{TITLE} | Some Paper",
        f"TASS: {TITLE}",
        f"BREAKING: {TITLE}",
        f"{TITLE} (VIDEO)",
        TITLE.replace("both", "\N{NO-BREAK SPACE}both"),
    ],
)
def test_a_long_headline_told_again_is_a_copy(title: str) -> None:
    assert _copies(_article(), _article("rt", title=title))


def test_a_headline_alone_has_three_days() -> None:
    later = [_article("rt", published=NOW + timedelta(days=days)) for days in (3, 4)]
    assert [_copies(_article(published=NOW), other) for other in later] == [True, False]


def test_a_text_has_seven_days_whatever_its_headline() -> None:
    later = [
        _article("rt", title="Quite another line", text=TEXT, published=NOW + timedelta(days=days))
        for days in (7, 8)
    ]
    mine = _article(text=TEXT, published=NOW)
    assert [_copies(mine, other) for other in later] == [True, False]


@pytest.mark.parametrize("title", ["US sanctions Russia", "Live", "Fire breaks out downtown"])
def test_a_short_headline_alone_is_no_evidence(title: str) -> None:
    assert not _copies(_article(title=title), _article("rt", title=title))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Day 1,095 of the conflict: what is known by now",
            "Day 1,096 of the conflict: what is known by now",
        ),
        (
            "Death toll of the flood in the valley rises to 12",
            "Death toll of the flood in the valley rises to 15",
        ),
        (
            "Crews clear three villages of snow in the north",
            "Crews clear two villages of snow in the north",
        ),
        (
            "Grain prices up as the week of the fair opens",
            "Grain prices down as the week of the fair opens",
        ),
        (
            "Indices end the day in the red on Tuesday as feared",
            "Indices end the day in the red on Thursday as feared",
        ),
        (
            "За сутки в регионе выявлено 120 новых случаев болезни",
            "За сутки в регионе выявлено 140 новых случаев болезни",
        ),
    ],
)
def test_headlines_that_count_differently_are_two_stories(one: str, other: str) -> None:
    assert not _copies(_article(title=one, text=TEXT), _article("rt", title=other, text=TEXT))


def test_numbers_are_the_same_in_words_and_digits_with_and_without_commas() -> None:
    assert words_of("Three of 1,095 and 12 000") == ["3", "of", "1095", "and", "12000"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Heavy snow closes the mountain roads in Kuban",
            "Heavy snow closes the mountain roads in Altai",
        ),
        (
            "Warsaw tries to derail peace talks, ambassador says",
            "Paris tries to derail peace talks, ambassador says",
        ),
        ("Heavy Snow Closes Mountain Roads in Kuban", "Heavy Snow Closes Mountain Roads in Altai"),
    ],
)
def test_names_in_place_of_others_are_two_stories(one: str, other: str) -> None:
    assert not _copies(_article(title=one, lead=LEAD), _article("rt", title=other, lead=LEAD))


@pytest.mark.parametrize(
    "title",
    [
        TITLE.replace("leave", "quit"),
        TITLE.replace("joint ", ""),
        TITLE.replace("Envoys", "Envoys reportedly"),
        TITLE.replace("at the lake without", "without at the lake"),
    ],
)
def test_a_word_changed_is_a_copy_where_the_lead_is_the_same(title: str) -> None:
    assert _copies(_article(lead=LEAD), _article("rt", title=title, lead=LEAD))


def test_a_headline_that_is_used_every_day_is_told_apart_by_its_dateline() -> None:
    title = "Stock market indices in the green as trading closes at the exchange"
    monday = _article(title=title, lead="MOSCOW, March 3. /TASS/. Indices rose by the evening.")
    friday = _article(title=title, lead="MOSCOW, March 5. /TASS/. Indices rose by the evening.")
    assert not _copies(monday, friday)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT[: len(TEXT) // 2],
        f"Quite another opening sentence. {TEXT.partition('. ')[2]}",
        f"{TEXT} Read also: something else. Subscribe to our channel for the latest news.",
    ],
)
def test_a_text_under_another_headline_is_a_copy(text: str) -> None:
    assert _copies(_article(text=TEXT), _article("rt", title="No agreement by the lake", text=text))


def test_two_stories_that_quote_one_speech_are_two_stories() -> None:
    own = " ".join(
        f"Another paper number {n} writes of its own about item {n * 7}." for n in range(9)
    )
    quoting = " ".join(TEXT.split(". ")[:4]) + ". " + own
    mine, theirs = (
        _article(title="Speech at the lake meets with silence in the capital", text=TEXT),
        _article(
            "rt", title="Capital is silent on the speech that was held by the lake", text=quoting
        ),
    )
    assert not _copies(mine, theirs)


def test_one_headline_over_two_long_texts_that_share_nothing_is_two_stories() -> None:
    other = " ".join(f"Elsewhere report {n} tells about item {n * 3} at length." for n in range(12))
    assert not _copies(_article(text=TEXT), _article("rt", text=other))


def test_a_translation_is_no_copy() -> None:
    assert not _copies(_article(text=TEXT), _article("rt", text=TEXT, language="ru"))


def test_an_article_without_anything_to_compare_has_no_bands() -> None:
    assert bands_of(wording_of(_article(title="Live", lead="Now."))) == ()


def test_bands_fit_the_column_that_holds_them() -> None:
    bands = bands_of(wording_of(_article(text=TEXT)))
    assert len(set(bands)) == len(bands) > 0
    assert all(-(2**63) <= band < 2**63 for band in bands)


def test_bands_are_the_same_in_every_process_and_release() -> None:
    """They are stored: other ones would not meet those of what was collected before."""
    assert bands_of(wording_of(_article()))[:2] == PINNED


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=300))
def test_any_text_can_be_compared(title: str, other: str, text: str) -> None:
    _copies(_article(title=title, text=text), _article("rt", title=other, lead=text))
