"""An article's text out of its page, by trafilatura. Never raises: a page may hold anything."""

from __future__ import annotations

import logging
import threading
import warnings
from functools import lru_cache
from typing import Any, Final

from services.collect.text.encoding import decode
from services.collect.text.plain import paragraphs

MAX_PAGE_BYTES: Final = 2 * 2**20
"""More than this is no article page; parsing time grows with size, so it bounds the time."""
MAX_TEXT_CHARS: Final = 100_000
MIN_TEXT_CHARS: Final = 200
"""Less is a cookie notice or a caption, not an article."""

_importing = threading.Lock()
logger = logging.getLogger(__name__)


def extract_text(html: bytes, url: str) -> str:
    """Return the main text of a page, a paragraph a line; empty when there is none.

    `url` helps to tell the article from the site around it; nothing is fetched.
    """
    if not html.strip():
        return ""
    library = _trafilatura()
    try:
        text = library.extract(
            decode(html[:MAX_PAGE_BYTES]),
            url=url,
            include_comments=False,
            include_tables=False,
            favor_precision=True,
            with_metadata=False,
        )
    except Exception as error:  # noqa: BLE001  a page that breaks the parser costs its text only
        logger.warning("No text from a page: %s: %s", type(error).__name__, error)
        return ""
    cleaned = paragraphs(text or "", MAX_TEXT_CHARS)
    return cleaned if len(cleaned) >= MIN_TEXT_CHARS else ""


def _trafilatura() -> Any:
    with _importing:
        return _import_trafilatura()


@lru_cache(maxsize=1)
def _import_trafilatura() -> Any:
    with warnings.catch_warnings():
        # Its downloader says that it cannot use SOCKS; we only hand it pages that we have.
        warnings.filterwarnings("ignore", message="SOCKS support")
        # Imported here because it takes as long as the rest of the collection together.
        import trafilatura  # noqa: PLC0415
    return trafilatura
