"""Redirects, to good places and others."""

from __future__ import annotations

from services.domain.outlet import PollOutcome
from tests.zoo.animal import Animal, Visit
from tests.zoo.documents import GOOD, TITLES
from tests.zoo.wire import answer, head, redirect

LOST = PollOutcome.TOO_MANY_REDIRECTS
FORBIDDEN = PollOutcome.FORBIDDEN_ADDRESS


def _to_itself(visit: Visit) -> list[bytes]:
    return [redirect("feed")]


def _ever_further(visit: Visit) -> list[bytes]:
    return [redirect(f"feed{visit.number}")]


def _in_three_steps(visit: Visit) -> list[bytes]:
    return [redirect(f"step{visit.number}") if visit.number < 3 else answer(GOOD)]


def _cookie_door(visit: Visit) -> list[bytes]:
    if "door=open" in visit.headers.get("cookie", ""):
        return [answer(GOOD)]
    return [head("302 Found", Location="feed", Set_Cookie="door=open; Path=/", Content_Length="0")]


def _cookies_for_ever(visit: Visit) -> list[bytes]:
    cookie = f"n={visit.number}; Path=/"
    return [head("302 Found", Location="feed", Set_Cookie=cookie, Content_Length="0")]


def _leads(name: str, to: str, outcome: PollOutcome = FORBIDDEN, says: str = "") -> Animal:
    return Animal(f"redirect-{name}", redirect(to), outcome, says=says)


ANIMALS = (
    Animal("redirect-in-three-steps", _in_three_steps, titles=TITLES),
    Animal("redirect-behind-a-cookie", _cookie_door, titles=TITLES),
    Animal("redirect-with-new-cookies-for-ever", _cookies_for_ever, LOST),
    Animal("redirect-to-itself", _to_itself, LOST, says="circle"),
    Animal("redirect-ever-further", _ever_further, LOST, says="times"),
    Animal("redirect-to-nowhere", head("302 Found", Content_Length="0"), LOST),
    _leads("to-a-file", "file:///etc/passwd", LOST),
    _leads("to-another-protocol", "gopher://news.example/", LOST),
    _leads("to-nonsense", "http://[::1", LOST),
    _leads("to-the-metadata-service", "http://169.254.169.254/latest/meta-data/"),
    _leads("to-a-private-network", "http://10.0.0.1/", says="not a public address"),
    _leads("to-a-home-router", "http://192.168.1.1/feed"),
    _leads("to-loopback-of-ipv6", "http://[::1]:9/feed"),
    _leads("to-mapped-private", "http://[::ffff:10.0.0.1]/feed"),
    _leads("to-an-address-as-a-number", "http://167772161/"),
    _leads("to-an-address-in-octal", "http://012.0.0.1/", LOST),
    _leads("to-unspecified", "http://0.0.0.0/"),
)
