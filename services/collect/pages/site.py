"""What is remembered of one outlet's pages, to know what on them is not an article."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import Final

from services.collect.pages.boilerplate import SiteLines

SAME_BODY: Final = 3
"""A body that came for so many different articles is none of them."""
_RECENT: Final = 300
_HASH_CHARS: Final = 12


class Site:
    """Repeated lines and repeated pages of one outlet. Safe to share between threads.

    `text()` is what to remember between runs; what cannot be read is learnt again.
    """

    def __init__(self, remembered: str = "") -> None:
        lines, recent = _read(remembered)
        self._lines = SiteLines(lines)
        self._recent: deque[tuple[str, str]] = deque(recent, maxlen=_RECENT)
        self._lock = threading.Lock()

    def repeats(self, content: str, article_id: str) -> bool:
        """Remember that `content` (a hash) came for an article.

        True when it has come for `SAME_BODY` different ones.
        """
        entry = (content[:_HASH_CHARS], article_id[:_HASH_CHARS])
        with self._lock:
            if entry not in self._recent:
                self._recent.append(entry)
            came_for = {article for body, article in self._recent if body == entry[0]}
        return len(came_for) >= SAME_BODY

    def learn(self, text: str) -> None:
        """Count the lines of one more article; call once for each article."""
        with self._lock:
            self._lines.learn(text)

    def owns(self, line: str) -> bool:
        """True for a line that the site puts on its pages."""
        with self._lock:
            return self._lines.owns(line)

    def without(self, text: str) -> str:
        """Return `text` without the site's own lines."""
        return "\n".join(line for line in text.splitlines() if not self.owns(line))

    def text(self) -> str:
        """What is known, as text to remember."""
        with self._lock:
            return json.dumps([self._lines.text(), list(self._recent)], separators=(",", ":"))


def _read(remembered: str) -> tuple[str, list[tuple[str, str]]]:
    try:
        lines, recent = json.loads(remembered)
        return str(lines), [(str(body), str(article)) for body, article in recent]
    except (ValueError, TypeError):
        return "", []
