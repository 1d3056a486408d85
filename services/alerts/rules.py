"""The rules file: who wants to hear about what. See rules.example.yaml beside this file.

A mistake in the file stops the start with the file, the line and what to write instead: a
rule that is silently dropped is an alert that never comes.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

import yaml

from services.alerts.targets import email_problem, webhook_problem
from services.domain.alert import COLLECTION, Rule
from services.domain.codebook import LABELS
from services.domain.outlet import Group
from services.domain.series import SCOPE_ALL, SeriesKey, group_scope, outlet_scope
from services.domain.shift import Level, Shift
from services.errors import ConfigurationError

_SIGNAL: Final = "signal="
_KEYS: Final = (
    "name",
    "watch",
    "scopes",
    "groups",
    "outlets",
    "level",
    "emails",
    "webhooks",
    "enabled",
)


def matching(shift: Shift, rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules, in their order, that want to hear of `shift` at its present level.

    A rule at level watch hears of both levels, one at level alert of alerts only.
    """
    key = SeriesKey.parse(shift.series)
    return [
        rule
        for rule in rules
        if rule.enabled
        and (not rule.watch or key.label in rule.watch)
        and (not rule.scopes or key.scope in rule.scopes)
        and shift.level.arl >= rule.level.arl
    ]


def matching_gap(outlet: str, group: str, rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules, in their order, that want to hear of a gap in an outlet's collection.

    Only rules that say so: "any" means any label. A rule that names no scope, or all outlets,
    hears of every outlet. Without an `outlet` (no feed answers) every such rule does.
    """
    scopes = {SCOPE_ALL, outlet_scope(outlet), group_scope(group)}
    return [
        rule
        for rule in rules
        if rule.enabled
        and COLLECTION in rule.watch
        and (not outlet or not rule.scopes or scopes & set(rule.scopes))
    ]


def load_rules(
    path: Path, *, outlets: Collection[str] = (), signals: Collection[str] = ()
) -> list[Rule]:
    """Read the rules file at `path`.

    `outlets` (catalogue ids) and `signals` (names in the codebook) are what a rule may name;
    an empty collection leaves them unchecked. Raises ConfigurationError with file and line.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigurationError(
            f"The rules file {path} cannot be read: {error.strerror}."
        ) from error
    except UnicodeDecodeError:
        raise ConfigurationError(f"The rules file {path} is not UTF-8 text.") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(_yaml_sentence(path, error)) from None
    return _RulesReader(path, outlets, signals).read(root)


class _RulesReader:
    """Turns YAML nodes into rules; nodes, because they still know their line."""

    def __init__(self, path: Path, outlets: Collection[str], signals: Collection[str]) -> None:
        self._path = path
        self._outlets = outlets
        self._signals = signals

    def read(self, root: yaml.Node | None) -> list[Rule]:
        if root is None:
            return []
        top = self._mapping(root, ("rules",), "The file")
        if "rules" not in top:
            raise self._error(root, "The file must hold a list called 'rules'.")
        rules: list[Rule] = []
        for node in self._items(top["rules"], "'rules'"):
            rule = self._rule(node)
            if rule.name in {other.name for other in rules}:
                raise self._error(node, f"A second rule is called {rule.name!r}.")
            rules.append(rule)
        return rules

    def _rule(self, node: yaml.Node) -> Rule:
        fields = self._mapping(node, _KEYS, "A rule")
        for key in ("name", "watch"):
            if key not in fields:
                raise self._error(node, f"This rule has no {key!r}.")
        emails = self._strings(fields, "emails")
        webhooks = self._strings(fields, "webhooks")
        if not emails and not webhooks:
            raise self._error(node, "This rule tells nobody: give it 'emails' or 'webhooks'.")
        return Rule(
            name=self._name(fields["name"]),
            watch=self._watch(fields),
            scopes=self._scopes(fields),
            level=self._level(fields.get("level")),
            emails=tuple(self._target(item, email_problem(item.value)) for item in emails),
            webhooks=tuple(self._target(item, webhook_problem(item.value)) for item in webhooks),
            enabled=self._boolean(fields.get("enabled")),
        )

    def _name(self, node: yaml.Node) -> str:
        name = " ".join(self._string(node, "'name'").value.split())
        if not name.isprintable() or not 1 <= len(name) <= 100:
            raise self._error(node, "A rule's name has 1 to 100 printable characters.")
        return name

    def _watch(self, fields: dict[str, yaml.Node]) -> tuple[str, ...]:
        items = self._strings(fields, "watch")
        if not items:
            raise self._error(
                fields["watch"], "'watch' is empty: name labels or signals, or write 'any'."
            )
        if [item.value for item in items] == ["any"]:
            return ()
        if beside := [item for item in items if item.value == "any"]:
            raise self._error(
                beside[0],
                "'any' stands alone in 'watch': it means any label. Give 'collection' a rule of "
                "its own.",
            )
        return tuple(self._label(item) for item in items)

    def _label(self, node: yaml.ScalarNode) -> str:
        text = "".join(node.value.split()).casefold()
        known: Sequence[str] = [*LABELS, *(_SIGNAL + name for name in self._signals), COLLECTION]
        if text in known or (not self._signals and text.startswith(_SIGNAL) and text != _SIGNAL):
            return text
        raise self._unknown(node, "a label, a signal or 'collection'", known)

    def _scopes(self, fields: dict[str, yaml.Node]) -> tuple[str, ...]:
        scopes = [self._scope(item) for item in self._strings(fields, "scopes")]
        scopes += [self._group(item, item.value) for item in self._strings(fields, "groups")]
        scopes += [self._outlet(item, item.value) for item in self._strings(fields, "outlets")]
        return tuple(dict.fromkeys(scopes))

    def _scope(self, node: yaml.ScalarNode) -> str:
        kind, _, name = node.value.partition(":")
        if node.value == SCOPE_ALL:
            return SCOPE_ALL
        if kind == "group" and name:
            return self._group(node, name)
        if kind == "outlet" and name:
            return self._outlet(node, name)
        raise self._error(
            node, f"{node.value!r} is no scope: write 'all', 'group:NAME' or 'outlet:ID'."
        )

    def _group(self, node: yaml.ScalarNode, name: str) -> str:
        known = [str(group) for group in Group]
        if (found := name.strip().casefold()) not in known:
            raise self._unknown(node, "a group", known)
        return group_scope(found)

    def _outlet(self, node: yaml.ScalarNode, name: str) -> str:
        found = name.strip().casefold()
        if not found or (self._outlets and found not in self._outlets):
            raise self._unknown(node, "an outlet of the catalogue", sorted(self._outlets))
        return outlet_scope(found)

    def _level(self, node: yaml.Node | None) -> Level:
        if node is None:
            return Level.ALERT
        text = self._string(node, "'level'").value
        if text not in tuple(Level):
            raise self._unknown(node, "a level", [str(level) for level in Level])
        return Level(text)

    def _boolean(self, node: yaml.Node | None) -> bool:
        if node is None:
            return True
        if node.tag != "tag:yaml.org,2002:bool":
            raise self._error(node, "'enabled' is true or false.")
        return str(node.value).casefold() in ("true", "yes", "on")

    def _target(self, node: yaml.ScalarNode, problem: str) -> str:
        if problem:
            raise self._error(node, problem)
        return str(node.value)

    def _strings(self, fields: dict[str, yaml.Node], key: str) -> list[yaml.ScalarNode]:
        """Read a list of strings; a single string is a list of one, a missing key an empty one."""
        node = fields.get(key)
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return []
        nodes = [node] if isinstance(node, yaml.ScalarNode) else self._items(node, f"{key!r}")
        return [self._string(item, f"{key!r}") for item in nodes]

    def _string(self, node: yaml.Node, what: str) -> yaml.ScalarNode:
        if not isinstance(node, yaml.ScalarNode) or not node.tag.endswith(":str"):
            raise self._error(node, f"{what} takes text here (put it in quotes if in doubt).")
        return node

    def _items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._error(node, f"{what} must be a list, one '- …' a line.")
        return list(node.value)

    def _mapping(self, node: yaml.Node, allowed: Sequence[str], what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, f"{what} must be made of 'key: value' lines.")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in allowed:
                raise self._unknown(key, f"a key that {what.lower()} may have", allowed)
            if key.value in found:
                raise self._error(key, f"The key {key.value!r} stands here a second time.")
            found[key.value] = value
        return found

    def _unknown(self, node: yaml.Node, what: str, known: Sequence[str]) -> ConfigurationError:
        text = str(node.value)
        close = difflib.get_close_matches(text, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}."
        return self._error(node, f"{text!r} is not {what}; {hint}")

    def _error(self, node: yaml.Node, sentence: str) -> ConfigurationError:
        return ConfigurationError(f"{self._path}, line {node.start_mark.line + 1}: {sentence}")


def _yaml_sentence(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}" if mark else ""
    problem = getattr(error, "problem", None) or "it cannot be read"
    return f"{path}{where}: this is not valid YAML ({problem})."
