"""Alerts about gaps in the collection: who hears of them, and what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

import services.alerts
from services.alerts.facts import GapFacts
from services.alerts.gap_wording import length_words, rarity_words
from services.alerts.render import compose
from services.alerts.rules import load_rules, matching, matching_gap
from services.domain.alert import Alert, CollectionGap
from services.domain.identity import gap_id
from services.domain.shift import Level
from services.errors import ConfigurationError
from tests.support.records import NOW, make_delivery, make_rule, make_shift

SCHEMA = json.loads(
    Path(services.alerts.__file__).with_name("webhook.schema.json").read_text(encoding="utf-8")
)
MAIL = make_delivery(rule="Keeper")
HOOK = make_delivery(rule="Keeper", channel="webhook", target="https://hooks.example/x")
GAP = CollectionGap(
    outlet="rt",
    trouble="silent",
    since=NOW - timedelta(hours=31),
    noticed=NOW,
    last_entry=NOW - timedelta(hours=31),
    usual=48.2,
    expected=61.4,
    once_in_days=400.0,
    answer="The feed holds 50 entries.",
)
FAILING = replace(GAP, trouble="failing", answer="The server failed: 503.")
NO_WAY_OUT = replace(FAILING, outlet="")


def facts(gap: CollectionGap = GAP, **fields: object) -> GapFacts:
    alert = Alert("a" * 32, "", "", "", Level.ALERT, NOW, gap=gap)
    values: dict[str, object] = {
        "outlet": "RT" if gap.outlet else "",
        "group": "Russian state outlets",
        "page": "https://framewatch.test/outlets/rt",
    }
    return GapFacts(alert, gap, **(values | fields))  # type: ignore[arg-type]


def text(*arguments: object, **fields: object) -> str:
    return " ".join(compose(MAIL, facts(*arguments, **fields)).text.split())  # type: ignore[arg-type]


def test_a_rule_for_any_label_does_not_hear_of_the_collection() -> None:
    assert matching_gap("rt", "state", [make_rule(watch=())]) == []


def test_a_rule_for_the_collection_hears_of_no_shift() -> None:
    assert matching(make_shift(), [make_rule(watch=("collection",))]) == []


def test_a_rule_may_ask_for_both() -> None:
    shift = make_shift("signal=thaw|group:state|us")
    rule = make_rule(watch=("signal=thaw", "collection"), scopes=())
    assert matching(shift, [rule]) == matching_gap("rt", "state", [rule]) == [rule]


def test_a_disabled_rule_hears_nothing() -> None:
    assert matching_gap("rt", "state", [make_rule(watch=("collection",), enabled=False)]) == []


def test_that_no_feed_answers_concerns_every_such_rule() -> None:
    rule = make_rule(watch=("collection",), scopes=("outlet:tass",))
    assert matching_gap("", "", [rule]) == [rule]


def rules_file(folder: Path, watch: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(
        f"rules:\n  - name: Keeper\n    watch: {watch}\n    emails: a@example.org\n",
        encoding="utf-8",
    )
    return path


def test_a_rules_file_may_watch_the_collection(tmp_path: Path) -> None:
    (rule,) = load_rules(rules_file(tmp_path, "collection"), signals=["thaw"])
    assert rule.watch == ("collection",)


@pytest.mark.parametrize(
    ("watch", "words"),
    [
        ("[any, collection]", "line 3: 'any' stands alone"),
        ("colection", "line 3: 'colection' is not a label, a signal or 'collection'; did you mean"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, watch: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match="line 3") as error:
        load_rules(rules_file(tmp_path, watch), signals=["thaw"])
    assert words in str(error.value)


def test_the_subject_says_what_it_is_about() -> None:
    subject = "[Framewatch] Collection: RT has brought nothing new for 31 hours"
    assert compose(MAIL, facts()).subject == subject


def test_a_failing_feed_has_a_subject_of_its_own() -> None:
    words = "The feed of RT has failed since 28 February 2025, 05:00 UTC"
    assert compose(MAIL, facts(FAILING)).subject.endswith(words)


@pytest.mark.parametrize(
    "words",
    [
        "Last new entry: 28 February 2025, 05:00 UTC",
        "Usual rate: about 48 a day",
        "Would usually have come: about 61",
        "So long a gap by chance: about once in 400 days",
        "What the feed answers: The feed holds 50 entries.",
        "The days of RT since then count as not observed",
        "https://framewatch.test/outlets/rt",
        "alert rule “Keeper” names your address",
    ],
)
def test_a_mail_tells_the_facts(words: str) -> None:
    assert words in text()


def test_how_rare_a_failure_is_is_no_figure() -> None:
    assert "by chance" not in text(FAILING)


def test_that_no_feed_answers_points_at_the_network() -> None:
    assert "this machine has no way out" in text(NO_WAY_OUT, page="")


def test_a_mail_that_comes_late_says_that_it_is_over() -> None:
    words = "It is over: something new was seen on 1 March 2025, 13:00 UTC."
    assert words in text(back=NOW + timedelta(hours=1))


def test_the_page_holds_the_same_facts() -> None:
    html = compose(MAIL, facts()).html
    assert all(words in html for words in ("about 48 a day", "about once in 400 days"))


def test_hostile_words_stay_words() -> None:
    hostile = '<script>alert(1)</script>"><img src=x>\r\nBcc: all@example.org'
    message = compose(MAIL, facts(replace(GAP, answer=hostile), outlet=hostile))
    assert "<script" not in message.html
    assert "\n" not in message.subject


@pytest.mark.parametrize("gap", [GAP, FAILING, NO_WAY_OUT], ids=["silent", "failing", "all"])
def test_the_payload_keeps_to_its_schema(gap: CollectionGap) -> None:
    body = json.loads(compose(HOOK, facts(gap)).payload)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(body, SCHEMA, format_checker=checker)


def test_the_payload_has_a_type_of_its_own() -> None:
    body = json.loads(compose(HOOK, facts()).payload)
    assert (body["type"], body["data"]["outlet"]) == ("framewatch.collection", "rt")


def test_a_gap_is_known_by_outlet_and_beginning() -> None:
    later = NOW.astimezone(UTC) + timedelta(hours=1)
    names = {gap_id("rt", NOW), gap_id("rt", later), gap_id("tass", NOW)}
    assert len(names) == 3


def test_its_name_does_not_depend_on_the_time_zone() -> None:
    moscow = datetime.fromisoformat("2025-03-01T15:00:00+03:00")
    assert gap_id("rt", moscow) == gap_id("rt", NOW)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.2, "about once a day"),
        (400, "about once in 400 days"),
        (1000, "about once in 3 years"),
        (1e6, "less than once in ten years"),
    ],
)
def test_how_rare_in_words(days: float, words: str) -> None:
    assert rarity_words(days) == words


@pytest.mark.parametrize(("hours", "words"), [(1, "1 hour"), (71, "71 hours"), (96, "4 days")])
def test_how_long_in_words(hours: int, words: str) -> None:
    assert length_words(timedelta(hours=hours)) == words
