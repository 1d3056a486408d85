"""The stage that visits the pages of articles: their text, and what is edited later."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from typing import Final

from services.collect.http.errors import FetchError
from services.collect.http.gate import NoTurnError
from services.collect.http.targets import host_if_any
from services.collect.pages.planning import after_failure
from services.collect.pages.site import Site
from services.collect.pages.visit import Known, Visited, as_asked, visit
from services.context import Context
from services.domain.article import EntryOutcome
from services.domain.outlet import Outlet
from services.domain.page import PageOutcome, PageVisit
from services.errors import FramewatchError
from services.pipeline.page_queue import PageQueue

LOG = logging.getLogger(__name__)
PAGE_THREADS: Final = 8
PAGES_PER_OUTLET: Final = 200
"""The most pages of one outlet in one round; fewer where the pause between requests is long."""
MANY: Final = 500
"""While fewer visits are due, all outlets' are read at once."""
FAILURES: Final = 3
"""After so many failures in a row the rest of an outlet's pages waits for the next round."""
SITE_META: Final = "site:"
_GRACE: Final = 2.0  # what a visit under way gets to end after a stop


def visit_pages(
    context: Context, stop: Callable[[], bool] = lambda: False, budget: float | None = None
) -> Counter[str]:
    """Visit the pages that are due, newest articles first, each host in its turn.

    No visit is begun after `budget` seconds (None: as the settings say); what is left stays
    due. Returns how many visits ended in which way: "completed" and "revised" for articles
    whose text is new or another one, else the PageOutcome. Raises the first FramewatchError
    of the store, after the visits under way have ended.
    """
    outlets = _visited_outlets(context)
    end = time.monotonic() + (context.settings.visit_seconds if budget is None else budget)
    due = _due(context, outlets)
    if not due or stop():
        return Counter()
    work = _Round(context, outlets, due, stop, end)
    work.run()
    return work.ended


def _visited_outlets(context: Context) -> dict[str, Outlet]:
    if not context.settings.fetch_pages:
        return {}
    found = (item for item in context.catalogue.outlets if item.enabled and item.fetch_pages)
    return {outlet.id: outlet for outlet in found}


def _due(context: Context, outlets: Iterable[str]) -> list[PageVisit]:
    """Due visits, the first one of every outlet before the second one of any."""
    names, now = list(outlets), context.clock()
    if not names:
        return []
    # More than this of one outlet cannot be visited in a round anyway.
    pause = max(context.settings.host_pause, 0.01)
    most = int(min(PAGES_PER_OUTLET, 2 + context.settings.visit_seconds / pause))
    due = context.store.pages_due(now, MANY, names)
    lists = {name: [item for item in due if item.outlet == name][:most] for name in names}
    if len(due) == MANY:  # a large outlet may have left no room for the others
        lists = {name: context.store.pages_due(now, most, [name]) for name in names}
    rows = chain.from_iterable(zip_longest(*lists.values()))
    return [item for item in rows if item is not None]


class _Round:
    """One call of `visit_pages`."""

    def __init__(
        self,
        context: Context,
        outlets: dict[str, Outlet],
        due: list[PageVisit],
        stop: Callable[[], bool],
        end: float,
    ) -> None:
        self.ended: Counter[str] = Counter()
        self._context = context
        self._outlets = outlets
        self._stop = stop
        self._end = end
        self._queue = PageQueue(due, self._over, end)
        names = {item.outlet for item in due}
        self._remembered = {name: context.store.get_meta(SITE_META + name) for name in names}
        self._sites = {name: Site(text) for name, text in self._remembered.items()}
        self._failures: Counter[str] = Counter()
        self._asked: set[str] = set()  # URLs whose robots.txt is known
        self._lock = threading.Lock()
        self._given_up = threading.Event()
        self._problem: FramewatchError | None = None

    def run(self) -> None:
        """Visit until nothing is left, the time is over or a stop comes."""
        crew = [
            threading.Thread(target=self._serve, name=f"pages-{number}", daemon=True)
            for number in range(min(PAGE_THREADS, self._queue.hosts))
        ]
        for thread in crew:
            thread.start()
        self._wait(crew)
        with self._lock:  # nothing is saved from here on
            self._given_up.set()
        if self._problem is not None:
            raise self._problem

    def _over(self) -> bool:
        late = time.monotonic() >= self._end
        return late or self._problem is not None or self._given_up.is_set() or self._stop()

    def _wait(self, crew: list[threading.Thread]) -> None:
        """Wait for every thread, but not much longer than a stop."""
        ends = float("inf")
        for thread in crew:
            while thread.is_alive() and time.monotonic() < ends:
                thread.join(0.1)
                if self._stop():
                    ends = min(ends, time.monotonic() + _GRACE)

    def _serve(self) -> None:
        while (item := self._queue.take()) is not None:
            wait: float | None = None
            try:
                wait = self._step(item)
            except FramewatchError as error:
                self._problem = self._problem or error
            except Exception as error:  # the other pages are still visited
                LOG.debug("Visiting %s failed.", item.url, exc_info=error)
                self.ended["defect"] += 1
            finally:
                self._queue.free(item, wait=wait or 0.0, again=wait is not None)

    def _step(self, item: PageVisit) -> float | None:
        """Do the visit; None when it is done with, else the seconds until it may be tried."""
        if not host_if_any(item.url):  # the address is at fault, the site is not
            said = "The link of the article is not a web address that can be fetched."
            failed = after_failure(item, said, self._context.clock())
            self._save(Visited(failed), of_site=False)
            return None
        if self._failures[item.outlet] >= FAILURES:
            return None
        outlet, gate = as_asked(self._outlets[item.outlet], item.url), self._context.gate
        try:
            pause = self._pause(item, outlet)
        except NoTurnError:
            return None  # it stays due
        except FetchError:
            pause = 0.0  # the visit says so
        if wait := gate.try_enter(item.url, pause):
            return wait
        try:
            visited = self._visit(item, outlet)
        except NoTurnError:
            return None
        finally:
            gate.leave(item.url)
        self._save(visited)
        return None

    def _pause(self, item: PageVisit, outlet: Outlet) -> float:
        """The pause that the site asks for; its robots.txt is read before a turn is taken."""
        robots = self._context.robots
        if item.url not in self._asked:
            robots.ask(item.url, outlet, self._over)
            self._asked.add(item.url)
        return robots.pause(item.url, outlet)

    def _visit(self, item: PageVisit, outlet: Outlet) -> Visited:
        context = self._context
        article = context.store.articles([item.article_id]).get(item.article_id)
        known = Known(article, self._sites[item.outlet], context.settings.revisit_pages)
        now = context.clock()
        try:
            return visit(item, outlet, context.fetcher, context.robots, now, known)
        except NoTurnError:
            raise
        except Exception as error:  # one page's failure never touches another
            LOG.debug("Visiting %s failed.", item.url, exc_info=error)
            said = (
                f"The page could not be handled ({type(error).__name__}: {error}). This is a "
                "defect; please report it."
            )
            return Visited(after_failure(item, said, now))

    def _save(self, visited: Visited, *, of_site: bool = True) -> None:
        done, context = visited.visit, self._context
        with self._lock:
            if self._given_up.is_set():
                return
            self._remember_site(done.outlet)
            outcome = context.store.save_page(
                done,
                visited.text,
                now=context.clock(),
                same_as=visited.same_as,
                language=visited.language,
                author=visited.author,
                section=visited.section,
            )
            failed = done.outcome is PageOutcome.UNREACHABLE
            if of_site:
                self._failures[done.outlet] = self._failures[done.outlet] + 1 if failed else 0
            known = outcome is EntryOutcome.DUPLICATE
            self.ended[str(done.outcome) if known else str(outcome)] += 1

    def _remember_site(self, name: str) -> None:
        """Before the text is stored: what was taken off it once is to be taken off always."""
        text = self._sites[name].text()
        if text != self._remembered[name]:
            self._context.store.set_meta(SITE_META + name, text)
            self._remembered[name] = text
