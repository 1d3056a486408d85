"""The keys of a catalogue entry: how each value is read and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import httpx
import yaml
from lxml import etree

from services.domain.outlet import Certainty, Group
from services.outlets.languages import LANGUAGES

REQUIRED: Final = ("id", "name", "group", "language", "feed")
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class FieldError(ValueError):
    """What is wrong with one value; reads as the end of a sentence that begins with the key."""


def read_field(key: str, node: yaml.Node) -> Any:
    """Return the checked value of `key`; FieldError when it is wrong, KeyError if unknown."""
    return _READERS[key](node)


def read_flag(node: yaml.Node) -> bool:
    """Read true or false."""
    value = {"true": True, "yes": True, "false": False, "no": False}.get(_scalar(node).casefold())
    if value is None:
        raise FieldError("must be true or false")
    return value


def _scalar(node: yaml.Node) -> str:
    """The text as written, whatever YAML takes it for (`no`, `2026-01-01`, `1tv`)."""
    if not isinstance(node, yaml.ScalarNode):
        raise FieldError("must be one value, not a list or a mapping")
    return " ".join(str(node.value).split())


def _text(node: yaml.Node) -> str:
    value = _scalar(node)
    if not value:
        raise FieldError("must not be empty")
    if not value.isprintable():
        raise FieldError("holds invisible or control characters")
    return value


def _id(node: yaml.Node) -> str:
    value = _text(node)
    if len(value) > 64 or not _ID.fullmatch(value):
        raise FieldError(
            f"is {value!r}; an id is at most 64 lower-case letters, digits and single hyphens"
        )
    return value


def _group(node: yaml.Node) -> Group:
    value = _text(node)
    try:
        return Group(value)
    except ValueError:
        raise FieldError(f"is {value!r}; groups are {', '.join(Group)}") from None


def _certainty(node: yaml.Node) -> Certainty:
    value = _text(node)
    try:
        return Certainty(value)
    except ValueError:
        raise FieldError(f"is {value!r}; it is A, B or C") from None


def _language(node: yaml.Node) -> str:
    value = _text(node)
    if value not in LANGUAGES:
        raise FieldError(f"is {value!r}; it is a two-letter ISO 639-1 code such as en or ru")
    return value


def _url(value: str, schemes: tuple[str, ...]) -> str:
    # What stands before an @ may be a password, which no message shows.
    shown = re.sub(r"//[^/@]*@", "//…@", value)
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
        asked = httpx.URL(value).host  # stricter: this is what requests are made of
    except (httpx.InvalidURL, ValueError) as error:
        raise FieldError(f"is {shown!r}, which is not a URL ({error})") from None
    if parts.scheme not in schemes or not host or "%" in asked or " " in value:
        *others, last = (f"{scheme}://" for scheme in schemes)
        starts = f"{', '.join(others)} or {last}"
        raise FieldError(f"is {shown!r}; a URL here starts with {starts} and a host")
    return value


def _feed(node: yaml.Node) -> str:
    value = _url(_text(node), ("http", "https"))
    if "@" in urlsplit(value).netloc:
        raise FieldError("must not hold a name or password; put them into 'headers'")
    return value


def _proxy(node: yaml.Node) -> str:
    value = _scalar(node)
    return _url(value, ("http", "https", "socks5", "socks5h")) if value else ""


def _timezone(node: yaml.Node) -> str:
    value = _text(node)
    if value not in _zones():
        raise FieldError(f"is {value!r}; it is the IANA name of a time zone, as Europe/Moscow")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _text_hints(node: yaml.Node) -> dict[str, tuple[str, ...]]:
    if not isinstance(node, yaml.MappingNode):
        raise FieldError("must be 'include' and 'exclude' with lists of XPath expressions")
    hints: dict[str, tuple[str, ...]] = {}
    for name_node, list_node in node.value:
        name = _scalar(name_node)
        if name not in ("include", "exclude"):
            raise FieldError(f"holds {name!r}; its keys are 'include' and 'exclude'")
        if not isinstance(list_node, yaml.SequenceNode):
            raise FieldError(f"must have a list of XPath expressions under {name!r}")
        hints[name] = tuple(_xpath(item) for item in list_node.value)
    return hints


def _xpath(node: yaml.Node) -> str:
    value = _text(node)
    try:
        found = etree.XPath(value)(etree.Element("html"))
    except (etree.XPathError, ValueError) as error:
        raise FieldError(f"holds {value!r}, which is no XPath expression ({error})") from None
    if not isinstance(found, list):
        raise FieldError(f"holds {value!r}, which gives no elements of a page")
    return value


def _aliases(node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise FieldError("must be a list of names")
    return tuple(_text(item) for item in node.value)


def _headers(node: yaml.Node) -> dict[str, str]:
    if not isinstance(node, yaml.MappingNode):
        raise FieldError("must be header names with their values")
    headers: dict[str, str] = {}
    for name_node, value_node in node.value:
        name, value = _scalar(name_node), _text(value_node)
        if not _HEADER_NAME.fullmatch(name):
            raise FieldError(f"holds {name!r}, which is not the name of an HTTP header")
        if not value.isascii():
            raise FieldError(f"holds a value for {name!r} that is not ASCII")
        headers[name] = value
    return headers


def _user_agent(node: yaml.Node) -> str:
    if not _scalar(node):
        return ""
    value = _text(node)
    if not value.isascii():
        raise FieldError("must be ASCII")
    return value


_READERS: Final[Mapping[str, Callable[[yaml.Node], Any]]] = {
    "id": _id,
    "name": _text,
    "aliases": _aliases,
    "group": _group,
    "language": _language,
    "feed": _feed,
    "certainty": _certainty,
    "reason": _scalar,
    "source": _scalar,
    "fetch_pages": read_flag,
    "user_agent": _user_agent,
    "headers": _headers,
    "proxy": _proxy,
    "timezone": _timezone,
    "text_hints": _text_hints,
    "enabled": read_flag,
}

KEYS: Final = tuple(_READERS)
"""Every key that an entry may have."""
