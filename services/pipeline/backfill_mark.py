"""Where the walk of one source is, kept in the store as small JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

from services.collect.backfill.found import Cursor, Found, Span
from services.collect.backfill.tally import SOURCES, SourceName
from services.context import Context


class Mark:
    """The mark of one source of one outlet; it holds for the same question only.

    A finished source stays marked until the whole back-fill is done, so that one that goes on
    after a stop does not walk it again. `span` is what the walk was for, once it has begun: the
    gaps that an archive is to fill are others when it has filled half of them.
    """

    def __init__(
        self, context: Context, outlet: str, source: SourceName, asked: Mapping[str, object]
    ) -> None:
        self._store = context.store
        self._name = _name(outlet, source)
        self._asked = dict(asked)
        kept = _object(self._store.get_meta(self._name))
        goes_on = all(kept.get(key) == value for key, value in self._asked.items())
        cursor, after = kept.get("cursor"), kept.get("after")
        self.cursor: Cursor = cursor if goes_on and isinstance(cursor, dict) else {}
        self._after = after if goes_on and isinstance(after, str) else ""
        self.finished = goes_on and kept.get("finished") is True
        self.span = _span(kept.get("span")) if goes_on else None

    def forget(self) -> None:
        """Begin anew, whatever was dealt with; nothing is written."""
        self.cursor, self._after, self.finished, self.span = {}, "", False, None

    def rest(self, found: Sequence[Found]) -> Sequence[Found]:
        """What of the first document is not dealt with yet; all of every other one."""
        after, self._after = self._after, ""
        urls = [item.url for item in found]
        return found[urls.index(after) + 1 :] if after in urls else found

    def set_within(self, url: str) -> None:
        """All up to `url` in the document under way is dealt with."""
        self._save(after=url)

    def set(self, cursor: Cursor) -> None:
        """A whole document is dealt with."""
        self.cursor = cursor
        self._save()

    def finish(self) -> None:
        """The source is walked to its end."""
        self._save(finished=True)

    def _save(self, **state: object) -> None:
        days = [self.span.since.isoformat(), self.span.until.isoformat()] if self.span else None
        value = {**self._asked, "cursor": self.cursor, "span": days, **state}
        self._store.set_meta(self._name, json.dumps(value, ensure_ascii=False))


def question(span: Span, site: str, *, pages: bool) -> dict[str, object]:
    """What a back-fill was asked for: a mark of another question is of no use."""
    return {
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "site": site,
        "pages": pages,
    }


def forget_marks(context: Context, outlet: str) -> None:
    """After a back-fill to the end: the next one starts anew."""
    for source in SOURCES:
        if context.store.get_meta(_name(outlet, source)):
            context.store.set_meta(_name(outlet, source), "")


def unfinished_until(context: Context, outlet: str, since: date) -> date | None:
    """Return the last day of an unfinished back-fill from `since` on; None without one."""
    for source in SOURCES:
        kept = _object(context.store.get_meta(_name(outlet, source)))
        if kept.get("since") == since.isoformat():
            try:
                return date.fromisoformat(str(kept.get("until")))
            except ValueError:
                continue
    return None


def _name(outlet: str, source: SourceName) -> str:
    return f"backfill:{outlet}:{source}"


def _span(days: object) -> Span | None:
    if not isinstance(days, list) or len(days) != 2:
        return None
    try:
        return Span(date.fromisoformat(days[0]), date.fromisoformat(days[1]))
    except (TypeError, ValueError):
        return None


def _object(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        value = {}
    return value if isinstance(value, dict) else {}
