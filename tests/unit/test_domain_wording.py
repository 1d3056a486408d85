"""Which changes of a title or a lead a reader notices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.wording import same_wording

TITLE, LEAD = "Talks on treaty resume", "Officials met on Thursday."


def lead_differs(one: str, other: str) -> bool:
    return not same_wording(TITLE, one, TITLE, other)


def title_differs(one: str, other: str) -> bool:
    return not same_wording(one, LEAD, other, LEAD)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Officials met. Comments: 12", "Officials met. Comments: 1,313"),
        ("Officials met. Comments (3)", "Officials met. Comments (4)"),
        ("12 comments | Officials met", "13 comments | Officials met"),
        ("Officials met. Views 1.2K", "Officials met. Views 999"),
        ("Переговоры прошли. Просмотров: 10", "Переговоры прошли. Просмотров: 11"),
        ("Переговоры прошли, 21 комментарий", "Переговоры прошли, 22 комментария"),
        ("14:35 Officials met", "15:01 Officials met"),
        ("Officials met, 2:35 pm", "Officials met, 12:40 a.m."),
        ("Officials met 5 minutes ago", "Officials met an hour ago"),
        ("Встреча прошла 5 минут назад", "Встреча прошла 2 часа назад"),
        ("Officials met — again.", "officials  met, again…"),
    ],
)
def test_a_lead_that_changes_by_itself_is_the_same(one: str, other: str) -> None:
    assert not lead_differs(one, other)
    assert not lead_differs(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Officials met.", "Officials met twice."),
        ("The strike killed 12 people.", "The strike killed 14 people."),
        ("It cost $5.", "It cost €5."),
        ("She views 2 candidates as fit.", "She views 3 candidates as fit."),
        ("They sold 12 million shares.", "They sold 14 million shares."),
        ("A rise of 3.50 percent", "A rise of 3.75 percent"),
        ("Officials met.", ""),
    ],
)
def test_other_words_and_numbers_in_a_lead_are_another_wording(one: str, other: str) -> None:
    assert lead_differs(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 dead in strike", "14 dead in strike"),
        ("Petition draws 12 comments", "Petition draws 13 comments"),
        ("Curfew from 20:00", "Curfew from 21:00"),
        ("Allies support Kyiv", "Allies 'support' Kyiv"),
        ("A peace deal", "A peace deal?"),
        ("कीमत", "किमत"),
    ],
)
def test_words_numbers_and_telling_marks_of_a_title_count(one: str, other: str) -> None:
    assert title_differs(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Allies “support” Kyiv", "Allies 'support' Kyiv"),
        ("It doesn’t end", "It doesn't end"),
        ("Talks resume - report", "Talks  Resume — report"),
    ],
)
def test_how_a_title_is_set_does_not_count(one: str, other: str) -> None:
    assert not title_differs(one, other)


@given(st.text(), st.text())
def test_every_wording_is_the_same_as_itself(title: str, lead: str) -> None:
    assert same_wording(title, lead, title, lead)


@pytest.mark.timeout(5)
def test_a_long_row_of_digits_does_not_hang() -> None:
    assert not lead_differs("views 1 1." * 1_000, "views 1 1." * 1_000 + "!")
