"""What an address to tell may look like: checked when rules are read and again when sent to."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

# Deliberately narrower than the mail standards: no quoted names, comments or white space, so
# that an address can never end a header line or become two addresses.
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
)


def email_problem(address: str) -> str:
    """Return a sentence that says what is wrong with `address`; empty when nothing is."""
    if _EMAIL.fullmatch(address) and ".." not in address:
        return ""
    return f"{address!r} is not a plain e-mail address such as desk@example.org."


def webhook_problem(url: str) -> str:
    """Return a sentence that says what is wrong with `url`; empty when nothing is."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "A webhook address has only plain printable characters and no spaces."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"{url!r} is not an address: write https://host/path."
    if parts.scheme not in ("http", "https") or not host:
        return f"{url!r} is not a web address: write https://host/path."
    if parts.username is not None or parts.password is not None:
        return "A webhook address must not hold a user name or password; use a path with a token."
    if parts.fragment:
        return "A webhook address has no part after '#': it would never be sent."
    return ""


def host_of(url: str) -> str:
    """Return scheme, host and port of `url`: what may be shown, since paths hold tokens.

    Empty when `url` is not an address at all.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
