"""One robots.txt, read: bytes of any kind to rules for one robot."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

import httpx
from protego import Protego

from services.collect.http.errors import PermanentFetchError
from services.collect.http.gate import LONGEST_PAUSE
from services.collect.http.targets import redirect_target

MOST_SITEMAPS: Final = 1_000
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_USER_AGENT: Final = re.compile(
    r"^[^\S\n]*user[- ]?agent[^\S\n]*[:\s][^\S\n]*(?P<name>[^\n#]*)", re.IGNORECASE | re.MULTILINE
)
_COMPATIBLE: Final = re.compile(r"compatible;\s*([A-Za-z_-]+)")
_TOKEN: Final = re.compile(r"[A-Za-z_-]+")
_OTHERS: Final = "another-robot"


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """What one robots.txt says to one robot; `pause` is in seconds, 0.0 for no wish."""

    rules: Protego | None
    token: str
    pause: float = 0.0
    sitemaps: tuple[str, ...] = ()

    @classmethod
    def allowing_all(cls) -> RobotsFile:
        """The file of a site that has none."""
        return cls(None, "")

    def allows(self, target: httpx.URL) -> bool:
        """True when `target`, a page of the site, may be fetched."""
        return self.rules is None or self.rules.can_fetch(str(target), self.token)


def product_token(user_agent: str) -> str:
    """The name by which robots.txt files address `user_agent`: `Framewatch` of `Framewatch/1`.

    A browser-like one (`Mozilla/5.0 (compatible; Framewatch/1)`) has it after `compatible`.
    """
    found = _COMPATIBLE.search(user_agent) or _TOKEN.search(user_agent)
    return found.group(found.lastindex or 0) if found else "*"


def read_robots_file(body: bytes, url: str, token: str) -> RobotsFile:
    """Read the robots.txt that came from `url` for the robot `token`. Never fails.

    HTML in its place (a page for every address, a soft 404) counts as no robots.txt.
    """
    text = _text(body)
    if text.lstrip().startswith("<"):
        return RobotsFile.allowing_all()
    rules = Protego.parse(_without_other_robots(text, token))
    return RobotsFile(rules, token, _pause(rules, token), _sitemaps(rules, url))


def _text(body: bytes) -> str:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, errors="replace")
    return body.decode("utf-8", errors="replace")


def _without_other_robots(text: str, token: str) -> str:
    """`text` with the names of all other robots made one.

    The parser multiplies rules by names, and ten thousand of each fit into one file.
    """

    def renamed(found: re.Match[str]) -> str:
        name = found["name"].strip()
        if name.strip("*") or not name:
            name = token if _is_named(name, token) else _OTHERS
        return f"User-agent: {name[:1] if name.startswith('*') else name}"

    return _USER_AGENT.sub(renamed, "\n".join(text.splitlines()))


def _is_named(name: str, token: str) -> bool:
    """True when a robots.txt means `token` by `name`, which may bear a version or a star."""
    found = _TOKEN.match(name)
    return found is not None and found[0].lower() == token.lower()


def _pause(rules: Protego, token: str) -> float:
    rate = rules.request_rate(token)
    wishes = [rules.crawl_delay(token) or 0.0, rate.seconds / rate.requests if rate else 0.0]
    return min(max(wishes), LONGEST_PAUSE)


def _sitemaps(rules: Protego, url: str) -> tuple[str, ...]:
    base, found = httpx.URL(url), dict[str, None]()
    for text in rules.sitemaps:
        if len(found) >= MOST_SITEMAPS:
            break
        try:
            found[str(redirect_target(text, base))] = None
        except PermanentFetchError:
            continue
    return tuple(found)
