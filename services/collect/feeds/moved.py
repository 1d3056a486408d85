"""Feeds that have moved for good.

A permanent redirect is believed once `TIMES` polls in a row were led to the same place: then
that address is asked in place of the catalogue's. The catalogue's own is asked again in the
first poll of every week, and as soon as the new one fails hard; what it says then counts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from services.collect.http.targets import host_if_any
from services.domain.outlet import FeedState, Outlet

TIMES: Final = 3


def address_to_ask(outlet: Outlet, state: FeedState, now: datetime) -> str:
    """Return the address at which the feed is asked now."""
    known = host_if_any(state.address) != ""
    return state.address if known and not _new_week(state, now) else outlet.feed


def note_move(outlet: Outlet, state: FeedState, asked: str, moved: str) -> FeedState:
    """Return `state` with what an answer says about the feed's address.

    `asked` is the address that was asked, `moved` where permanent redirects led (else empty).
    """
    if moved and moved != outlet.feed:
        times = state.moved_times + 1 if moved == state.moved_to else 1
        # Where it was led before, the feed stays reachable by the catalogue's own address.
        address = moved if times >= TIMES else ""
        return replace(state, moved_to=moved, moved_times=min(times, TIMES), address=address)
    if asked == outlet.feed:
        return forget_move(state)
    return state


def forget_move(state: FeedState) -> FeedState:
    """Return `state` as if the feed had never moved: the catalogue's address is asked next."""
    return replace(state, moved_to="", moved_times=0, address="")


def move_sentence(state: FeedState) -> str:
    """Say where the feed has moved to; empty when it has not."""
    if not state.address:
        return ""
    parts = urlsplit(state.address)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return (
        f" It has moved for good to {shown}, where it is asked now; the catalogue still names "
        "the old address."
    )


def _new_week(state: FeedState, now: datetime) -> bool:
    last = state.last_attempt
    return last is None or last.isocalendar()[:2] != now.isocalendar()[:2]
