"""Whether the pages behind a feed can be had, by a look at one of them."""

from __future__ import annotations

from dataclasses import dataclass

from services.collect.feeds.finder import Found
from services.collect.http.fetcher import Fetcher, FetchError
from services.collect.http.gate import HostGate
from services.collect.http.robots import Robots
from services.collect.pages.judge import judge
from services.domain.outlet import Certainty, Group, Outlet, PollOutcome
from services.domain.page import PageOutcome


@dataclass(frozen=True, slots=True)
class PageCheck:
    """What one page of an outlet answered; not worth fetching when others will answer so too."""

    worth_fetching: bool
    sentence: str


def check_page(found: Found, fetcher: Fetcher, gate: HostGate, robots: Robots) -> PageCheck:
    """Fetch the page of the first entry that has one, if robots.txt allows it. Never raises."""
    url = next((entry.url for entry in found.feed.entries if entry.url), "")
    if not url:
        return PageCheck(False, "No entry has a link.")
    outlet = _outlet(found)
    try:
        permission = robots.ask(url, outlet)
        if not permission.allowed:
            # What a site says is so tomorrow as well; a robots.txt that fails may be mended.
            return PageCheck(permission.again > 0, permission.sentence)
        with gate.turn(url, pause=robots.pause(url, outlet)):
            page = fetcher.get(url, headers=found.headers, user_agent=found.user_agent)
    except FetchError as error:
        return PageCheck(error.outcome is not PollOutcome.BLOCKED, f"The first one: {error}")
    judged = judge(page, url, outlet, None)
    words = len(judged.text.split())
    if judged.outcome in (PageOutcome.TEXT, PageOutcome.TEASER):
        note = f" {judged.sentence}" if judged.sentence else ""
        return PageCheck(True, f"Reachable; the first one holds {words} words of text.{note}")
    return PageCheck(False, judged.sentence or "The first one holds no text that can be found.")


def _outlet(found: Found) -> Outlet:
    return Outlet(
        id="new", name="", group=Group.CONTROL, language=found.language, feed=found.url,
        reason="", source="", certainty=Certainty.C, user_agent=found.user_agent,
        headers=found.headers,
    )  # fmt: skip
