"""Languages of headlines, with and without the outlet's language as a hint."""

from __future__ import annotations

import pytest

from services.collect.text.language import detect_language


@pytest.mark.parametrize("hint", ["", "en", "ru"])
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Washington and Moscow agree to further talks on arms control", "en"),
        ("Вашингтон и Москва договорились о новых переговорах", "ru"),
        ("Президент України зустрівся з делегацією", "uk"),
        ("Київ заявив про нові переговори", "uk"),
        ("Прэзідэнт Беларусі сустрэўся з дэлегацыяй", "be"),
        ("У Мінску прайшлі перамовы", "be"),
        ("Председник Србије разговарао са амбасадором", "sr"),
        ("Bundesregierung will neue Sanktionen gegen Russland beschließen", "de"),
        ("Le président français appelle à un cessez-le-feu en Ukraine", "fr"),
        ("Los líderes europeos se reúnen para hablar de la guerra", "es"),
        ("特朗普与普京通话", "zh"),
        ("トランプ大統領がプーチン大統領と会談", "ja"),
        ("한국과 미국 정상회담", "ko"),
        ("الرئيس الأمريكي يتحدث مع نظيره الروسي", "ar"),
        ("Ο πρόεδρος μίλησε στη Μόσχα", "el"),
    ],
)
def test_the_language_of_a_headline_is_found_whatever_the_hint(
    text: str, language: str, hint: str
) -> None:
    assert detect_language(text, hint) == language


@pytest.mark.parametrize("text", ["Путин: мир", "США", "Трамп прилетел", "Итоги недели"])
def test_a_short_text_is_taken_for_the_hint_when_its_script_allows(text: str) -> None:
    assert detect_language(text, "ru") == "ru"


@pytest.mark.parametrize("text", ["NATO", "Trump", "Merkel in Paris", "G20", "2025", "Q&A"])
def test_names_and_numbers_are_taken_for_the_hint(text: str) -> None:
    assert detect_language(text, "en") == "en"


def test_a_russian_text_that_quotes_a_foreign_name_stays_russian() -> None:
    text = "Телеканал «Україна» закрыт: владельцы объявили об этом вечером"
    assert detect_language(text, "ru") == "ru"


def test_a_russian_text_with_latin_names_stays_russian() -> None:
    assert detect_language("Глава OpenAI рассказал о GPT и ChatGPT в Москве", "en") == "ru"


@pytest.mark.parametrize("text", ["", "   ", "12 345", "…", "🎉🎉🎉"])
def test_without_letters_and_hint_nothing_is_claimed(text: str) -> None:
    assert detect_language(text) == "und"
