"""What an alert says: complete, understandable, and safe whatever a headline contains."""

from __future__ import annotations

import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import services.alerts
from services.alerts.facts import OutletCollection
from services.alerts.render import compose
from services.alerts.sample import sample_facts
from services.domain.series import SeriesKey, SeriesPoint
from services.domain.shift import Direction, Level
from tests.support.alerting import make_evidence, make_facts
from tests.support.records import TODAY, make_alert, make_delivery, make_interval, make_shift

SCHEMA = json.loads(
    Path(services.alerts.__file__).with_name("webhook.schema.json").read_text(encoding="utf-8")
)
MAIL = make_delivery(rule="Thaw desk")
HOOK = make_delivery(rule="Thaw desk", channel="webhook", target="https://hooks.example/x")

HOSTILE = (
    '<script>alert(1)</script>"><img src=x onerror=alert(2)>',
    "{{ 7 * 7 }} {% raw %} ${x}",
    "\u202egnikaerb\u2066 \x1b[2J \x00 \r\nBcc: all@example.org",
    "' onmouseover='alert(3)",
)


class Page(HTMLParser):
    """Collects elements, attributes and text of a mail's HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def points(days: int = 30) -> tuple[SeriesPoint, ...]:
    key = SeriesKey("relations=detente", "group:state", "us")
    return tuple(
        SeriesPoint(key, TODAY - timedelta(days=back), 20, 4, 4.0, 0.2, 0.08, 0.4)
        for back in range(days, 0, -1)
    )


def test_a_mail_says_what_when_how_sure_on_what_evidence_and_what_not() -> None:
    facts = make_facts(
        make_shift(
            baseline=make_interval(0.1, since=TODAY - timedelta(days=38), until=TODAY),
            current=make_interval(0.4, since=TODAY - timedelta(days=10), until=TODAY),
        ),
        collection=(
            OutletCollection("RT", "ok", 120),
            OutletCollection("TASS", "silent", 0, "Nothing was published for six days."),
        ),
    )
    text = " ".join(compose(MAIL, facts).text.split())
    for words in (
        "Alert: “Détente” rises in state outlets",
        "Before (22 January to 1 March 2025): 10 %",
        "Now (19 February to 1 March 2025): 40 %",
        "It began on about 19 February 2025 (most likely within 16 to 22 February 2025).",
        "at most once in 5,000 days of articles on average, about 14 years",
        "Talks go on RT, 25 February 2025, in English",
        "1 of the 2 outlets behind these figures gave trouble",
        "TASS: Nothing was published for six days.",
        "A label describes a text, never a person",
        "the alert rule “Thaw desk” names your address",
    ):
        assert words in text


def test_outlets_with_the_same_trouble_share_a_line() -> None:
    down = "Its feed did not answer."
    facts = make_facts(
        collection=(
            OutletCollection("RT", "ok", 120),
            OutletCollection("TASS", "failing", 3, down),
            OutletCollection("Sputnik", "failing", 0, down),
        )
    )
    assert "- TASS (3 articles), Sputnik: Its feed did not answer." in compose(MAIL, facts).text


def test_imported_articles_have_no_record_of_collection() -> None:
    never = tuple(
        OutletCollection(name, "never polled", 0, "Not asked in this time.") for name in "AB"
    )
    text = compose(MAIL, make_facts(collection=never)).text
    assert "no record of the collection" in text
    assert "Not asked" not in text


def test_html_and_text_say_the_same_sentences() -> None:
    message = compose(MAIL, make_facts())
    html = " ".join(Page(message.html).words.split())
    for words in ("It began on about", "If nothing had changed", "Talks go on", "RT, 25 February"):
        assert words in html
        assert words in " ".join(message.text.split())


def test_a_fall_and_an_early_sign_are_named_as_such() -> None:
    shift = make_shift(direction=Direction.DOWN, level=Level.WATCH)
    message = compose(MAIL, make_facts(shift))
    assert message.subject == "[Framewatch] Early sign: “Détente” falls in state outlets"
    assert "not yet an alert" in message.text


def test_the_chart_is_a_png_that_the_html_shows_and_describes() -> None:
    message = compose(MAIL, make_facts(points=points()))
    (image,) = message.images
    assert image.png.startswith(b"\x89PNG\r\n")
    assert f"cid:{image.name}" in Page(message.html).links
    assert 'alt="Chart of the share of articles about the United States' in message.html


@pytest.mark.parametrize("number", [0, 1])
def test_without_two_points_there_is_a_mail_without_a_chart(number: int) -> None:
    message = compose(MAIL, make_facts(points=points(number)))
    assert not message.images
    assert "img" not in Page(message.html).tags


def test_days_without_articles_leave_a_gap_in_the_chart_not_a_zero() -> None:
    empty = SeriesPoint(points(1)[0].key, TODAY, 0, 0, None, None, None, None)
    with_gap = compose(MAIL, make_facts(points=(*points(), empty)))
    assert with_gap.images[0].png.startswith(b"\x89PNG")


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    article = make_evidence(title=words, outlet=words, passage=words + " again", labels=(words,))
    outlet = OutletCollection(words, "failing", 0, words)
    facts = make_facts(
        articles=(article,),
        collection=(outlet,),
        label_title=words,
        scope_title=words,
        description=words,
    )
    message = compose(MAIL, facts)
    calm = Page(compose(MAIL, make_facts(collection=(OutletCollection("x", "failing", 0),))).html)
    page = Page(message.html)
    assert sorted(set(page.tags)) == sorted(set(calm.tags) | {"p"})
    assert page.handlers == []
    for text in (message.subject, message.text, page.words):
        assert not set(text) & set("\x00\x1b\r\u202e\u2066")
    assert "\n" not in message.subject
    assert "49" not in message.subject


@given(st.text(max_size=80))
@settings(max_examples=50, deadline=None)
def test_no_title_adds_an_element_or_breaks_the_payload(title: str) -> None:
    facts = make_facts(articles=(make_evidence(title=title),))
    page = Page(compose(MAIL, facts).html)
    assert "script" not in page.tags
    assert page.tags.count("a") == 2
    jsonschema.validate(json.loads(compose(HOOK, facts).payload), SCHEMA)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "file:///etc/passwd"])
def test_only_web_addresses_become_links(url: str) -> None:
    facts = make_facts(articles=(make_evidence(url=url),), page="")
    message = compose(MAIL, facts)
    assert Page(message.html).links == []
    assert url == "" or url not in message.text


def test_the_payload_keeps_to_its_schema() -> None:
    body = compose(HOOK, make_facts(points=points())).payload
    jsonschema.validate(
        json.loads(body), SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def test_the_payload_tells_the_shift() -> None:
    shift = make_shift()
    body = json.loads(compose(HOOK, make_facts(shift)).payload)
    assert (body["type"], body["version"]) == ("framewatch.shift", 1)
    assert body["data"]["id"] == shift.id
    assert body["data"]["current"]["share"] == shift.current.share
    assert body["data"]["articles"][0]["title"] == "Talks go on"


def test_the_payload_is_the_same_on_every_try() -> None:
    facts = make_facts()
    assert compose(HOOK, facts).payload == compose(HOOK, facts).payload


def test_a_test_is_marked_in_subject_both_bodies_and_payload() -> None:
    facts = sample_facts(make_alert(test=True))
    mail = compose(MAIL, facts)
    assert "TEST, not a finding" in mail.subject
    assert "THIS IS A TEST" in mail.text
    assert "This is a test" in mail.html
    body = json.loads(compose(HOOK, facts).payload)
    assert body["type"] == "framewatch.test"
    jsonschema.validate(body, SCHEMA)
