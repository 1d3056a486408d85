"""Back-filling: an outlet's past, as far as sitemaps, feed pages and a web archive still hold it.

One outlet at a time. What is found is written at once, with a mark that says where the walk is, so
that it goes on there after any stop. Articles are marked as back-filled; classifying and counting
them is left to the stages that do so for every article.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import Final, TypeAlias

from services.collect.backfill.archive import walk_archive
from services.collect.backfill.found import Batch, Cursor, Found, FoundOutcome, Span
from services.collect.backfill.judging import Judge, Judged, ruled_out, wants_page
from services.collect.backfill.paging import walk_feed
from services.collect.backfill.request import Request
from services.collect.backfill.site import Site, named_site, site_of
from services.collect.backfill.sitemaps import walk_sitemaps
from services.collect.backfill.tally import SourceName, SourceTally, Tally
from services.collect.backfill.visitor import DisallowedError, LaterError, StoppedError, Visitor
from services.collect.feeds.feed import FeedError, parse_feed
from services.collect.http.errors import FetchError, PermanentFetchError, RetryableFetchError
from services.collect.pages.site import Site as PagesSeen
from services.context import Context
from services.domain.outlet import Outlet
from services.errors import RetryableError
from services.index.records import SearchQuery
from services.pipeline.backfill_keeping import Keeper
from services.pipeline.backfill_mark import Mark, forget_marks, question
from services.pipeline.visiting import SITE_META

LOCK: Final = "backfill"
PLANNED_DOCUMENTS: Final = 8
"""So many documents of each source are read for a plan."""
_CHUNK: Final = 100
_Walk: TypeAlias = Callable[[Cursor], Iterator[Batch]]


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
        # Read only: a live round may be learning from other pages of the outlet meanwhile.
        self.seen = PagesSeen(context.store.get_meta(SITE_META + request.outlet.id))
        self.tally = Tally(request.span)
        self.keeper = Keeper(context, request, self.tally)
        self.started = time.monotonic()

    def run(self) -> Tally:
        request, tally = self.request, self.tally
        try:
            site = named_site(request.site) or self._site()
            for name in request.sources:
                mark = self._mark(name)
                if mark.span is not None and not mark.finished:
                    self._run_source(name, site, mark)
        except StoppedError:
            tally.stopped = True
        if not request.plan and not tally.stopped and not tally.unfinished:
            forget_marks(self.context, request.outlet.id)
        self._tell("")
        return tally

    def _mark(self, name: SourceName) -> Mark:
        """Where the source goes on; its span is None where it is not needed."""
        request = self.request
        asked = question(request.span, request.site, pages=request.pages)
        mark = Mark(self.context, request.outlet.id, name, asked)
        if request.plan:
            mark.forget()
        if mark.span is None:
            mark.span = self._span(name)
        return mark

    def _span(self, name: SourceName) -> Span | None:
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

    def _run_source(self, name: SourceName, site: Site, mark: Mark) -> None:
        counts = self.tally.sources.setdefault(name, SourceTally(name))
        span = mark.span or self.request.span
        judge = Judge(
            self.visitor,
            site,
            span,
            self.request.pages,
            self.context.settings.archive_pause,
            self.seen,
        )
        try:
            batches = self._walk(name, site, span)(mark.cursor)
            if self.request.plan:
                batches = islice(batches, PLANNED_DOCUMENTS)
            for batch in batches:
                counts.documents += 1
                counts.documents_left = batch.left
                counts.found += len(batch.found)
                self._run_batch(batch, judge, counts, mark)
        except (LaterError, RetryableFetchError) as error:
            counts.note, counts.unfinished = str(error), True
            return
        except (PermanentFetchError, FeedError) as error:  # starting again would not help
            counts.note = str(error)
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
        for found in mark.rest(batch.found):
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
            for found, outcome, moment in self.keeper.sorted_out(some):
                if outcome is not None:
                    self.tally.count(outcome, moment)
                    continue
                counts.wanted += wants_page(found)
                self.tally.count(FoundOutcome.NEW, found.published)
                self.keeper.settle(found)

    def _store(
        self, waiting: Sequence[Found], judge: Judge, counts: SourceTally, mark: Mark
    ) -> None:
        counts.wanted += sum(map(wants_page, waiting)) if judge.pages else 0
        for some in _chunks(waiting):
            ready: list[Judged] = []
            for found, outcome, moment in self.keeper.sorted_out(some):
                counts.wanted -= judge.pages and wants_page(found)
                if outcome is not None:
                    self.tally.count(outcome, moment)
                    continue
                ready.append(judge.judge(found, self.context.clock()))
                self.keeper.settle(found, ready[-1])
                counts.asked += ready[-1].asked
                if ready[-1].asked or len(ready) == self.keeper.room:
                    self._keep(ready, found, mark)
                self._check_limit()
            self._keep(ready, some[-1], mark)

    def _keep(self, ready: list[Judged], last: Found, mark: Mark) -> None:
        """Write what is ready; what cost a request is written at once."""
        self.keeper.write(ready)
        mark.set_within(last.url)
        self._tell(self.tally.place)

    def _check_limit(self) -> None:
        if self.keeper.room == 0:
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
            each = 1.0 + (source.asked + source.wanted) / max(1, source.documents)
            left += source.documents_left * each + source.wanted
        sent = self.visitor.requests
        pace = (time.monotonic() - self.started) / sent if sent >= 5 else 0.0
        return left * max(pace, self.context.settings.host_pause)


def _chunks(items: Sequence[Found]) -> Iterator[Sequence[Found]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _gap(context: Context, outlet: Outlet, span: Span) -> Span | None:
    """The days from the first to the last month of which the store holds no article."""
    empty = [
        part for part in span.months() if not _articles(context, outlet, part.since, part.until)
    ]
    return Span(empty[0].since, empty[-1].until) if empty else None


def _articles(context: Context, outlet: Outlet, since: date, until: date) -> int:
    query = SearchQuery(outlets=(outlet.id,), since=since, until=until, limit=1)
    return context.store.search(query).total
