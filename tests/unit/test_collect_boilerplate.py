"""Lines that a site puts on its pages: known by their wording, or learnt by repetition."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.pages.boilerplate import MAX_LINE_CHARS, MIN_PAGES, SiteLines, is_invitation
from services.collect.pages.site import SAME_BODY, Site

SLOGAN = "The Daily Something brings you the news of the day."


def text(number: int, *lines: str) -> str:
    return "\n".join([f"This happened on day {number} of the talks in the city.", *lines])


def learnt(pages: int, *lines: str) -> SiteLines:
    site = SiteLines()
    for number in range(pages):
        site.learn(text(number, *lines))
    return site


@pytest.mark.parametrize(
    "line",
    [
        "Read also: The minister spoke", "READ MORE: why it matters", "See also",
        "Subscribe to our Telegram channel", "Follow us on X", "Sign up for our newsletter",
        "Advertisement", "Photo: Reuters", "© 2025 The Site", "Related articles",
        "You can share this story on social media",
        "Читайте также: Министр выступил", "Подписывайтесь на наш канал", "По теме",
        "Материалы по теме:",
        "Подпишитесь на рассылку", "Нашли ошибку? Выделите её", "Фото: ТАСС", "Реклама",
        "Следите за новостями в нашем телеграм-канале",
    ],
)  # fmt: skip
def test_a_line_that_points_elsewhere_is_the_sites(line: str) -> None:
    assert is_invitation(line)


@pytest.mark.parametrize(
    "line",
    [
        "Read the agreement before you sign it, the minister told reporters.",
        "Subscribers of the paper protested against the law.",
        "Following the talks, both sides left the city.",
        "Related crimes went up by a third, the police said.",
        "Photography is forbidden at the site.",
        "Читатели газеты выступили против закона.",
        "Подписание договора отложено.",
        "Рекламный рынок вырос на треть.",
        "Реклама войны запрещена, заявил министр.",
        "Подписку на газету оформили тысячи человек.",
        "Watch the border closely, he told the troops.",
        "Support for the president fell to a third.",
        "Join forces against the common enemy, he said.",
    ],
)
def test_a_sentence_of_an_article_is_not_the_sites(line: str) -> None:
    assert not is_invitation(line)


def test_a_long_paragraph_is_never_the_sites() -> None:
    background = "The military operation began three years ago. " * 5
    assert len(background) > MAX_LINE_CHARS
    assert not learnt(20, background).owns(background)


@pytest.mark.parametrize(("pages", "owned"), [(MIN_PAGES - 1, False), (MIN_PAGES, True)])
def test_a_line_is_the_sites_once_it_stood_on_enough_pages(pages: int, owned: bool) -> None:
    assert learnt(pages, SLOGAN).owns(SLOGAN) is owned


def test_a_line_that_only_few_of_many_pages_carry_is_not_the_sites() -> None:
    site = SiteLines()
    for number in range(90):
        site.learn(text(number, *([SLOGAN] if number % 15 == 14 else [])))
    assert not site.owns(SLOGAN)


def test_a_line_that_is_the_sites_stays_so() -> None:
    site = learnt(MIN_PAGES, SLOGAN)
    for number in range(500):
        site.learn(text(number + MIN_PAGES))
    assert site.owns(SLOGAN)


def test_what_is_remembered_stays_small() -> None:
    site = SiteLines()
    for number in range(2_000):
        site.learn("\n".join(f"Line {line} of page {number}" for line in range(30)))
    assert len(site.text()) < 20_000


def test_only_the_sites_lines_are_taken_off() -> None:
    site = learnt(MIN_PAGES, SLOGAN)
    own = "Nothing of this was said before, and it will not be said again."
    assert site.without(f"{SLOGAN}\n{own}\nRead also: More") == own


def test_what_was_learnt_is_known_again() -> None:
    again = SiteLines(learnt(MIN_PAGES, SLOGAN).text())
    assert again.owns(SLOGAN)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_what_cannot_be_read_is_learnt_anew(remembered: str) -> None:
    site = Site(remembered)
    assert not site.owns(SLOGAN)


def test_a_body_that_came_for_several_articles_repeats() -> None:
    site = Site()
    found = [site.repeats("b" * 32, f"article {n}" * 4) for n in range(SAME_BODY)]
    assert found == [False] * (SAME_BODY - 1) + [True]


def test_a_body_that_came_for_one_article_again_and_again_does_not_repeat() -> None:
    site = Site()
    assert not any(site.repeats("b" * 32, "a" * 32) for _ in range(9))


def test_repeated_bodies_are_known_again() -> None:
    site = Site()
    for number in range(SAME_BODY - 1):
        site.repeats("b" * 32, f"{number}" * 32)
    assert Site(site.text()).repeats("b" * 32, "c" * 32)
