"""Back-filling: an outlet's past, as far as sitemaps, feed pages and a web archive still hold it.

One outlet at a time. What is found is written at once, with a mark that says where the walk is, so
that it goes on there after any stop. Articles are marked as back-filled; classifying and counting
them is left to the stages that do so for every article.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final, TypeAlias

from services.collect.backfill.archive import walk_archive
from services.collect.backfill.found import Batch, Cursor, Found, FoundOutcome, Span
from services.collect.backfill.judging import Judge, Judged, ruled_out, wants_page
from services.collect.backfill.paging import walk_feed
from services.collect.backfill.site import Site, site_of
from services.collect.backfill.sitemaps import walk_sitemaps
from services.collect.backfill.tally import SOURCES, SourceName, SourceTally, Tally
from services.collect.backfill.visitor import DisallowedError, LaterError, StoppedError, Visitor
from services.collect.feeds.feed import FeedError, parse_feed
from services.collect.http.errors import FetchError
from services.collect.identity.canonical import article_id_of
from services.context import Context
from services.domain.article import Article, EntryOutcome
from services.domain.outlet import Outlet
from services.errors import RetryableError
from services.index.records import SearchQuery
from services.pipeline.backfill_mark import Mark, forget_marks, question

LOCK: Final = "backfill"
PLANNED_DOCUMENTS: Final = 8
"""So many documents of each source are read for a plan."""
_CHUNK: Final = 100
_Walk: TypeAlias = Callable[[Cursor], Iterator[Batch]]


@dataclass(frozen=True, slots=True)
class Request:
    """What to back-fill. `site` limits it to addresses that begin so; empty: the outlet's site.

    `sources` in order; with `only_gaps` the archive is asked only for months that the others
    left empty. `limit`: end after so many new articles. `pages`: fetch the pages of what a
    source names without title or date. `plan`: only look what there is, and store nothing.
    """

    outlet: Outlet
    span: Span
    sources: tuple[SourceName, ...] = SOURCES
    only_gaps: bool = True
    site: str = ""
    pages: bool = True
    limit: int | None = None
    plan: bool = False


def backfill(
    context: Context,
    request: Request,
    *,
    stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Walk the sources of one outlet and store what they hold, or only plan to.

    Returns early, with `stopped`, when `stop()` turns true or the limit is reached; the next call
    goes on there. Raises RetryableError while another back-fill runs on the same store.
    """
    with context.store.lock(LOCK) as held:
        if not held:
            raise RetryableError(
                f"Another back-fill is at work on {context.settings.data}. Outlets are back-filled "
                "one at a time; wait for it, or stop it: it goes on where it was."
            )
        return _Backfill(context, request, stop, on_progress).run()


class _Backfill:
    def __init__(
        self,
        context: Context,
        request: Request,
        stop: Callable[[], bool],
        on_progress: Callable[[Tally], None],
    ) -> None:
        self.context = context
        self.request = request
        self.stop = stop
        self.on_progress = on_progress
        self.visitor = Visitor(
            request.outlet,
            context.fetcher,
            context.gate,
            context.robots,
            context.settings.host_pause,
            stop,
        )
        self.tally = Tally(request.span)
        self.handled: set[str] = set()
        self.started = time.monotonic()

    def run(self) -> Tally:
        request, tally = self.request, self.tally
        try:
            site = _named_site(request.site) or self._site()
            for name in request.sources:
                span = self._span(name)
                if span is not None:
                    self._run_source(name, site, span)
        except StoppedError:
            tally.stopped = True
        if not request.plan and not tally.stopped and not tally.notes:
            forget_marks(self.context, request.outlet.id)
        self._tell("")
        return tally

    def _span(self, name: SourceName) -> Span | None:
        """The days for which a source is asked; None when it is not needed."""
        if name != "archive" or not self.request.only_gaps:
            return self.request.span
        if self.request.plan:  # a plan reads the newest documents only, so all months look empty
            found = any(source.in_range for source in self.tally.sources.values())
            return None if found else self.request.span
        return _gap(self.context, self.request.outlet, self.request.span)

    def _site(self) -> Site:
        """Where the links of the feed lead, or those of its articles that are in the store."""
        outlet, now = self.request.outlet, self.context.clock()
        try:
            fetched = self.visitor.get(outlet.feed)
            kind = fetched.headers.get("content-type", "")
            feed = parse_feed(fetched.body, kind, fetched.url, now, outlet.timezone)
            links = [entry.url for entry in feed.entries if entry.url]
        except (FetchError, FeedError, DisallowedError, LaterError):
            hits = self.context.store.search(SearchQuery(outlets=(outlet.id,), limit=20)).hits
            links = [hit.article.url for hit in hits]
        return site_of(outlet.feed, links)

    def _run_source(self, name: SourceName, site: Site, span: Span) -> None:
        counts = self.tally.sources.setdefault(name, SourceTally(name))
        asked = question(self.request.span, self.request.site, pages=self.request.pages)
        mark = Mark(self.context, self.request.outlet.id, name, asked)
        if mark.finished and not self.request.plan:
            return
        judge = Judge(
            self.visitor, site, span, self.request.pages, self.context.settings.archive_pause
        )
        try:
            batches = self._walk(name, site, span)({} if self.request.plan else mark.cursor)
            if self.request.plan:
                batches = islice(batches, PLANNED_DOCUMENTS)
            for batch in batches:
                counts.documents += 1
                counts.documents_left = batch.left
                counts.found += len(batch.found)
                self._run_batch(batch, judge, counts, mark)
        except (LaterError, FetchError) as error:
            counts.note = str(error)
            return
        if not self.request.plan:
            mark.finish()

    def _walk(self, name: SourceName, site: Site, span: Span) -> _Walk:
        if name == "sitemap":
            return partial(walk_sitemaps, self.visitor, site, span)
        if name == "feed":
            return lambda cursor: walk_feed(self.visitor, site, span, cursor, self.context.clock())
        settings = self.context.settings
        return lambda cursor: walk_archive(
            self.visitor,
            site,
            span,
            cursor,
            archive_url=settings.archive_url,
            pause=settings.archive_pause,
            today=self.context.clock().date(),
        )

    def _run_batch(self, batch: Batch, judge: Judge, counts: SourceTally, mark: Mark) -> None:
        """Deal with each address of a document; those before the mark were dealt with before."""
        self.tally.place = batch.place
        waiting: list[Found] = []
        found_here = batch.found if self.request.plan else mark.rest(batch.found)
        for found in found_here:
            outcome = ruled_out(found, judge.site, judge.span)
            if outcome is not None:
                self.tally.count(outcome, found.published)
            else:
                waiting.append(found)
        counts.in_range += len(waiting)
        if self.request.plan:
            self._plan(waiting, counts)
        else:
            self._store(waiting, judge, counts, mark)
            mark.set(batch.cursor)
        self._tell(batch.place)

    def _plan(self, waiting: Sequence[Found], counts: SourceTally) -> None:
        for some in _chunks(waiting):
            for found, outcome, moment in self._sorted_out(some):
                if outcome is not None:
                    self.tally.count(outcome, moment)
                    continue
                counts.wanted += wants_page(found)
                self.tally.count(FoundOutcome.NEW, found.published)

    def _store(
        self, waiting: Sequence[Found], judge: Judge, counts: SourceTally, mark: Mark
    ) -> None:
        counts.wanted += sum(map(wants_page, waiting)) if judge.pages else 0
        for some in _chunks(waiting):
            ready: list[Judged] = []
            for found, outcome, moment in self._sorted_out(some):
                if outcome is not None:
                    self.tally.count(outcome, moment)
                else:
                    ready.append(judge.judge(found, self.context.clock()))
                counts.wanted -= wants_page(found) and judge.pages
                if wants_page(found) and outcome is None:  # what cost a request is written at once
                    self._write(ready, mark)
                    self._tell(self.tally.place)
                self._check_limit()
            self._write(ready, mark)
            self._tell(self.tally.place)

    def _sorted_out(
        self, some: Sequence[Found]
    ) -> Iterator[tuple[Found, FoundOutcome | None, datetime | None]]:
        """Each address with its outcome where this command or the store knows it already."""
        stored = self.context.store.articles([article_id_of(found.url) for found in some])
        for found in some:
            name = article_id_of(found.url)
            known = stored.get(name)
            if name in self.handled:
                yield found, FoundOutcome.REPEATED, found.published
            elif known is not None:
                yield found, FoundOutcome.KNOWN, known.published
            else:
                yield found, None, None
            self.handled.add(name)

    def _write(self, ready: list[Judged], mark: Mark) -> None:
        """Store what is ready, count how all of it ended, and move the mark behind it."""
        articles = {item.article.id: item.article for item in ready if item.article}
        known = self.context.store.articles(list(articles))
        fresh = [article for name, article in articles.items() if name not in known]
        outcomes = self.context.store.add_articles(fresh)
        stored = {
            article.id
            for article, outcome in zip(fresh, outcomes, strict=True)
            if outcome is EntryOutcome.NEW
        }
        for item in ready:
            self.tally.count(_ended(item, stored, known), item.found.published)
        if ready:
            mark.set_within(ready[-1].found.url)
        ready.clear()

    def _check_limit(self) -> None:
        limit = self.request.limit
        if limit is not None and self.tally.outcomes[FoundOutcome.NEW] >= limit:
            self.tally.limited = True
            raise StoppedError
        if self.stop():
            raise StoppedError

    def _tell(self, place: str) -> None:
        self.tally.place = place
        self.tally.requests = self.visitor.requests
        self.tally.seconds_left = self._seconds_left()
        self.on_progress(self.tally)

    def _seconds_left(self) -> float | None:
        """Seconds for what is known to be left, at the pace so far; None when not known."""
        left = 0.0
        for source in self.tally.sources.values():
            if source.documents_left is None:
                return None
            each = 1.0 + source.wanted / max(1, source.documents) * self.request.plan
            left += source.documents_left * each + source.wanted
        sent = self.visitor.requests
        pace = (time.monotonic() - self.started) / sent if sent >= 5 else 0.0
        return left * max(pace, self.context.settings.host_pause)


def _ended(item: Judged, stored: set[str], known: Mapping[str, Article]) -> FoundOutcome:
    if item.outcome is not None:
        return item.outcome
    if item.article is not None and item.article.id in stored:
        return FoundOutcome.NEW
    if item.article is not None and item.article.id in known:
        return FoundOutcome.KNOWN
    return FoundOutcome.REPEATED


def _named_site(text: str) -> Site | None:
    if not text:
        return None
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    return Site(f"{scheme}://{host}", f"{slash}{path}" or "/")


def _chunks(items: Sequence[Found]) -> Iterator[Sequence[Found]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _gap(context: Context, outlet: Outlet, span: Span) -> Span | None:
    """The days from the first to the last month of which the store holds no article."""
    empty = [
        part for part in _months(span) if not _articles(context, outlet, part.since, part.until)
    ]
    return Span(empty[0].since, empty[-1].until) if empty else None


def _articles(context: Context, outlet: Outlet, since: date, until: date) -> int:
    query = SearchQuery(outlets=(outlet.id,), since=since, until=until, limit=1)
    return context.store.search(query).total


def _months(span: Span) -> Iterator[Span]:
    since = span.since
    while since <= span.until:
        following = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield Span(since, min(span.until, following - timedelta(days=1)))
        since = following
