"""What happens in a soak of collection: feeds that publish and edit, servers that fail, kills.

A plan is made from a seed alone, before anything runs. In each round every feed may publish and
edit; then it is polled once and answers as its `Fault` says, and in some rounds the collecting
process is killed.

What a killed process had stored of an answer, nobody outside can know. So the plan lets a feed
stand still from a round with a kill until it has been polled without a fault: whichever of the
two stored a version, it was there to be stored. Everywhere else an edit may be undone or
overwritten, and an article may fall off its feed, before any poll was shown it.

So that a version which a kill made the collector forget does not come back by itself, every feed
has news and edits in a round with a kill, and as soon as it moves again all of them are edited.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Final

START: Final = datetime(2025, 3, 1, 6, 0, tzinfo=UTC)
FEEDS: Final = 20
ROUNDS: Final = 124
KILLS: Final = 20
SLOW_ROUNDS: Final = 4  # rounds in which feeds time out; they last as long as a fetch may take
WINDOW: Final = 8
_VOCABULARY: Final = (
    "talks border harvest ministers bridge treaty railway festival budget museum river council "
    "strike envoy summit election satellite winter hospital energy parliament orchestra pipeline "
    "airport tariffs volunteers archive reform coalition embassy"
)


class Fault(StrEnum):
    """How a feed answers."""

    NONE = "none"
    ERROR = "error"  # 500 or 503
    TIMEOUT = "timeout"  # no answer at all
    SHORT = "short"  # fewer bytes than announced
    BROKEN_OFF = "broken_off"  # ends inside an entry; the ones before are whole
    PAGE = "page"  # a web page in place of the feed
    WRONG_304 = "wrong_304"  # whenever it is asked for changes only
    RESET = "reset"  # the connection, before the answer
    RESET_INSIDE = "reset_inside"  # the connection, within the answer


@dataclass(frozen=True)
class Entry:
    """One version of an article."""

    url: str
    title: str
    lead: str
    published: datetime


@dataclass(frozen=True)
class Answer:
    """What one feed holds in one round, newest first, and how it answers."""

    entries: tuple[Entry, ...]
    fault: Fault
    cut: int  # of BROKEN_OFF: the entry in which the document ends


@dataclass(frozen=True)
class Kill:
    """The process is killed `delay` seconds after the round's answer number `answer`."""

    answer: int
    delay: float


@dataclass(frozen=True)
class Round:
    """One round: its time, every feed's answer, and the kill if there is one."""

    now: datetime
    answers: tuple[Answer, ...]
    kill: Kill | None


class _Newsroom:
    """One outlet: what it has published, in every version."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self._number = number
        self._dice = dice
        self._words = _VOCABULARY.split()
        self._versions: list[list[Entry]] = []

    def shown(self) -> tuple[Entry, ...]:
        """What its feed holds now, newest first."""
        return tuple(versions[-1] for versions in self._versions[: -WINDOW - 1 : -1])

    def publish(self, now: datetime) -> int:
        """Publish an article; returns its number."""
        url = f"https://outlet-{self._number}.example/{len(self._versions) + 1}"
        entry = Entry(url, self._some(7), self._some(18) + ".", now)
        self._versions.append([entry])
        return len(self._versions) - 1

    def edit(self, number: int | None = None) -> int:
        """Change an article's title, lead or both, or take a change back; returns its number.

        Without a `number` it is one that the feed shows.
        """
        if number is None:
            first = max(0, len(self._versions) - WINDOW)
            number = self._dice.randrange(first, len(self._versions))
        versions = self._versions[number]
        current = versions[-1]
        others = [item for item in versions if item != current]
        changes = [
            lambda: replace(current, title=self._some(7)),
            lambda: replace(current, lead=self._some(18) + "."),
            lambda: replace(current, title=self._some(7), lead=self._some(18) + "."),
            *([lambda: self._dice.choice(others)] * 3 if others else []),
        ]
        versions.append(self._dice.choice(changes)())
        return number

    def _some(self, count: int) -> str:
        # Three of a hundred thousand words make every wording one of its own.
        names = [
            f"{self._dice.choice(self._words)}{self._dice.randrange(100_000)}" for _ in range(3)
        ]
        return " ".join(names + [self._dice.choice(self._words) for _ in range(count - 3)])


def make_plan(seed: int) -> list[Round]:
    """Return the rounds of a soak; the last one is without faults and kills."""
    dice = random.Random(seed)
    newsrooms = [_Newsroom(number, dice) for number in range(FEEDS)]
    kills = set(dice.sample(range(2, ROUNDS - 1), KILLS))
    slow = set(dice.sample(range(2, ROUNDS - 1), SLOW_ROUNDS))
    still = [False] * FEEDS
    touched: list[list[int]] = [[] for _ in newsrooms]  # in the last round with a kill
    now, rounds = START, []
    for number in range(ROUNDS):
        now += timedelta(minutes=dice.uniform(2, 45))
        last = number == ROUNDS - 1
        answers = []
        for feed, newsroom in enumerate(newsrooms):
            if not still[feed]:
                for article in touched[feed]:
                    newsroom.edit(article)
                changed = _live(newsroom, now, dice, first=number == 0, busy=number in kills)
                touched[feed] = changed if number in kills else []
            fault = Fault.NONE if last else _fault(dice, slow=number in slow)
            shown = newsroom.shown()
            answers.append(Answer(shown, fault, dice.randrange(1, len(shown))))
            still[feed] = number in kills or (still[feed] and fault is not Fault.NONE)
        kill = Kill(dice.randrange(FEEDS), dice.uniform(0, 0.06)) if number in kills else None
        rounds.append(Round(now, tuple(answers), kill))
    return rounds


def _live(
    newsroom: _Newsroom, now: datetime, dice: random.Random, *, first: bool, busy: bool
) -> list[int]:
    """Let an outlet publish and edit; now and then more than its feed can hold.

    Returns the numbers of the articles. A `busy` outlet does some of both.
    """
    news = WINDOW if first else dice.choices([0, 1, 2, WINDOW + 2], [50, 30, 18, 2])[0]
    edits = dice.choices([0, 1, 2, 3], [40, 35, 15, 10])[0]
    if busy:
        news, edits = 1, 3
    return [
        *(newsroom.publish(now - timedelta(seconds=60 - n)) for n in range(news)),
        *(newsroom.edit() for _ in range(edits)),
    ]


def _fault(dice: random.Random, *, slow: bool) -> Fault:
    if slow and dice.random() < 0.4:
        return Fault.TIMEOUT
    faults = [fault for fault in Fault if fault not in (Fault.NONE, Fault.TIMEOUT)]
    return Fault.NONE if dice.random() < 0.6 else dice.choice(faults)


def document(entries: Sequence[Entry]) -> bytes:
    """Return the feed of `entries` as RSS."""
    items = "".join(
        f"<item><title>{entry.title}</title><link>{entry.url}</link>"
        f"<description>{entry.lead}</description>"
        f"<pubDate>{format_datetime(entry.published)}</pubDate></item>"
        for entry in entries
    )
    return f"<rss version='2.0'><channel><title>Soak</title>{items}</channel></rss>".encode()
