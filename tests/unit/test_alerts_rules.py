"""The rules file: what it may say, how mistakes are told, and which rule hears of what."""

from __future__ import annotations

from pathlib import Path

import pytest

import services.alerts
from services.alerts.rules import load_rules, matching
from services.domain.alert import Rule
from services.domain.shift import Level
from services.errors import ConfigurationError
from tests.support.records import make_rule, make_shift

EXAMPLE = Path(services.alerts.__file__).with_name("rules.example.yaml")

GOOD = """\
rules:
  - name: One
    watch: [relations=detente, signal=thaw]
    groups: state
    outlets: [RT]
    scopes: [all, group:control]
    level: watch
    emails: desk@example.org
    webhooks: ["https://hooks.example.org/x?token=1"]
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_field_is_read(tmp_path: Path) -> None:
    assert load_rules(write(tmp_path, GOOD)) == [
        Rule(
            name="One",
            watch=("relations=detente", "signal=thaw"),
            scopes=("all", "group:control", "group:state", "outlet:rt"),
            level=Level.WATCH,
            emails=("desk@example.org",),
            webhooks=("https://hooks.example.org/x?token=1",),
        )
    ]


def test_the_shipped_example_is_valid() -> None:
    rules = load_rules(EXAMPLE, outlets=["rt", "tass"], signals=["thaw", "chill"])
    assert [rule.enabled for rule in rules] == [True, False, False]


@pytest.mark.parametrize("text", ["", "# only a remark\n", "rules: []\n"])
def test_a_file_without_rules_is_an_empty_list(tmp_path: Path, text: str) -> None:
    assert load_rules(write(tmp_path, text)) == []


def test_any_watches_everything(tmp_path: Path) -> None:
    text = "rules:\n  - {name: A, watch: any, emails: [a@b.org]}\n"
    assert load_rules(write(tmp_path, text))[0].watch == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("relations=detente", "relations=detent", 3, "did you mean 'relations=detente'"),
        ("signal=thaw", "signal=thow", 3, "did you mean 'signal=thaw'"),
        ("groups: state", "groups: states", 4, "did you mean 'state'"),
        ("[RT]", "[RTT]", 5, "'RTT' is not an outlet"),
        ("group:control", "groups:control", 6, "is no scope"),
        ("level: watch", "level: alarm", 7, "is not a level"),
        ("level: watch", "levle: watch", 7, "did you mean 'level'"),
        ("level: watch", "level: watch\n    level: alert", 8, "second time"),
        ("level: watch", "enabled: perhaps", 7, "true or false"),
        ("desk@example.org", "desk at example.org", 8, "not a plain e-mail address"),
        ("desk@example.org", '"a@b.org\\nBcc: c@d.org"', 8, "not a plain e-mail address"),
        ("desk@example.org", "a@b.org, c@d.org", 8, "not a plain e-mail address"),
        ("https://hooks", "ftp://hooks", 9, "write https://host/path"),
        ("https://hooks", "https://me:secret@hooks", 9, "user name or password"),
        ("name: One", "name: 1", 2, "'name' takes text"),
        ("name: One", 'name: ""', 2, "1 to 100"),
        ("  - name: One\n    watch", "  - watch", 2, "has no 'name'"),
        ("watch: [relations=detente, signal=thaw]", "watch: []", 3, "'watch' is empty"),
        ("rules:", "rule:", 1, "did you mean 'rules'"),
        ("[RT]", "[RT", 6, "not valid YAML"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigurationError) as caught:
        load_rules(path, outlets=["rt"], signals=["thaw"])
    assert f"{path}, line {line}: " in str(caught.value)
    assert words in str(caught.value)


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("https://hooks", "https://me:hunter2@hooks"))
    with pytest.raises(ConfigurationError) as caught:
        load_rules(path)
    assert "hunter2" not in str(caught.value)


def test_a_rule_that_tells_nobody_is_a_mistake(tmp_path: Path) -> None:
    path = write(tmp_path, "rules:\n  - {name: A, watch: any}\n")
    with pytest.raises(ConfigurationError, match="tells nobody"):
        load_rules(path)


def test_two_rules_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    row = "  - {name: A, watch: any, emails: [a@b.org]}\n"
    with pytest.raises(ConfigurationError, match="line 3: A second rule is called 'A'"):
        load_rules(write(tmp_path, f"rules:\n{row}{row}"))


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_rules(tmp_path / "none.yaml")


def test_a_file_that_is_not_text_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(b"\xff\xfe\x00rules")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_rules(path)


SHIFT = make_shift("signal=thaw|group:state|us", level=Level.WATCH)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"level": Level.WATCH}, True),
        ({"level": Level.ALERT}, False),
        ({"level": Level.WATCH, "watch": ()}, True),
        ({"level": Level.WATCH, "watch": ("signal=chill",)}, False),
        ({"level": Level.WATCH, "scopes": ("group:state",)}, True),
        ({"level": Level.WATCH, "scopes": ("outlet:rt", "all")}, False),
        ({"level": Level.WATCH, "enabled": False}, False),
    ],
)
def test_a_rule_hears_of_what_it_asked_for(fields: dict[str, object], wanted: bool) -> None:
    rule = make_rule(**fields)
    assert matching(SHIFT, [rule]) == ([rule] if wanted else [])


def test_a_rule_at_watch_level_hears_of_alerts_too() -> None:
    shift = make_shift("signal=thaw|group:state|us", level=Level.ALERT)
    assert matching(shift, [make_rule(level=Level.WATCH)])
