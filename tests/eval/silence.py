"""Does a silent outlet get noticed, and how often is one called silent by mistake? By simulation.

    python -m tests.eval.silence [--years N] [--json]

Outlets of 2 to 200 articles a day publish by weekday and hour, in bursts, with moods, holidays
and batches. Each is followed hour by hour as the product does: its pace and its gaps are learned
from the last 42 days, and each hour the open gap is judged. First false silences a year of
outlet; then, where the outlet stops for good at a random hour, how long it takes to say so: in
hours, in articles that would usually have come, and in mean gaps. Seeds are fixed. Exit code 1
when an outlet is called silent by mistake more than once a year.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from services.collect.health.pace import HOUR, Hours
from services.collect.health.silence import LEARNED_DAYS, learn, measure

FIRST = datetime(2025, 1, 6, tzinfo=UTC)
STOPS = 20
LONGEST = 40 * 24

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """How one outlet publishes. `daily` articles on an ordinary day.

    `night` is the share of its pace that is left from 22 to 5 h, `weekend` on Saturdays and
    Sundays. Events come by chance; each makes `burst` articles on average within `spread` hours.
    `mood` is the shape of a Gamma that multiplies whole days (0: none), `holidays` days a year
    have a quarter of the pace, `batches` a day publish all that has gathered (0: at once).
    """

    name: str
    daily: float
    night: float = 1.0
    weekend: float = 1.0
    burst: float = 1.0
    spread: int = 3
    mood: float = 0.0
    holidays: int = 0
    batches: int = 0

    def draw(self, random: np.random.Generator, days: int) -> Ints:
        """Return articles by hour for `days` days."""
        hours = np.arange(days * 24)
        pace = np.ones(days * 24)
        pace[np.isin(hours % 24, [22, 23, 0, 1, 2, 3, 4, 5])] *= self.night
        pace[hours // 24 % 7 >= 5] *= self.weekend
        pace *= self.daily / (pace[:168].sum() / 7)
        if self.mood:
            pace *= np.repeat(random.gamma(self.mood, 1 / self.mood, days), 24)
        if self.holidays:
            off = random.random(days) < self.holidays / 365
            pace *= np.repeat(np.where(off, 0.25, 1.0), 24)
        counts = self._bursts(random, pace)
        return self._batched(counts) if self.batches else counts

    def _bursts(self, random: np.random.Generator, pace: Floats) -> Ints:
        if self.burst <= 1:
            return random.poisson(pace).astype(np.int64)
        events = np.repeat(np.arange(len(pace)), random.poisson(pace / self.burst))
        sizes = random.geometric(1 / self.burst, len(events))
        when = np.repeat(events, sizes)
        when = when + random.integers(0, self.spread, len(when))
        return np.bincount(when[when < len(pace)], minlength=len(pace)).astype(np.int64)

    def _batched(self, counts: Ints) -> Ints:
        """Articles wait for the next of the day's hours at which the outlet publishes."""
        every = 24 // self.batches
        gathered = counts.reshape(-1, every).sum(axis=1)
        late = np.zeros_like(counts)
        late[every - 1 :: every] = gathered
        return late


DAILY = (2, 5, 15, 50, 200)
WORLDS = (
    *(World(f"{n} a day, round the clock", n) for n in DAILY),
    *(World(f"{n} a day, nights and weekends", n, night=0.1, weekend=0.4) for n in DAILY),
    *(
        World(f"{n} a day, nights, weekends, bursts of 3", n, night=0.1, weekend=0.4, burst=3)
        for n in DAILY
    ),
    *(
        World(
            f"{n} a day, all that, moods and 12 holidays",
            *(n, 0.1, 0.4),
            burst=3,
            mood=4,
            holidays=12,
        )
        for n in DAILY
    ),
    World("15 a day, in 3 batches", 15, night=0.2, weekend=0.5, batches=3),
    World("15 a day, in 1 batch", 15, weekend=0.5, batches=1),
    World("50 a day, never on weekends", 50, night=0.02, weekend=0.01, burst=2, mood=6),
)


def followed(counts: Ints, start: int) -> int:
    """Follow an outlet hour by hour from day `start` on; return how many gaps were called so."""
    called: set[int] = set()
    filled = np.flatnonzero(counts)
    for day in range(start, len(counts) // 24):
        first = max(0, day - LEARNED_DAYS) * 24
        patience = learn(_hours(counts[first : day * 24], first))
        if patience is None:
            continue
        for hour in range(day * 24, day * 24 + 24):
            last = int(filled[np.searchsorted(filled, hour, side="right") - 1])
            if measure(patience, _time(last), _time(hour + 1)).silent:
                called.add(last)
    return len(called)


def noticed(counts: Ints, stop: int) -> tuple[int, float] | None:
    """Stop an outlet at hour `stop`; return hours and expected articles until that is said.

    None when it was called silent before, or never is.
    """
    first = max(0, stop // 24 - LEARNED_DAYS) * 24
    patience = learn(_hours(counts[first : stop // 24 * 24], first))
    if patience is None:
        return None
    last = int(np.flatnonzero(counts[:stop])[-1])
    if measure(patience, _time(last), _time(stop)).silent:
        return None
    for hours in range(1, LONGEST):
        gap = measure(patience, _time(last), _time(stop + hours))
        if gap.silent:
            return hours, patience.pace.expected(_time(stop), _time(stop + hours))
    return None


def _hours(counts: Ints, first: int) -> Hours:
    return Hours(_time(first), counts, np.ones(len(counts), dtype=np.bool_))


def _time(hour: int) -> datetime:
    return FIRST + hour * HOUR


def followed_world(world: World, years: int, seed: int) -> dict[str, object]:
    """Follow `years` outlets of this kind for a year each, then stop each at STOPS hours."""
    random = np.random.default_rng(seed)
    days = 7 + 365
    calls, delays, missed = 0, [], 0
    for _ in range(years):
        counts = world.draw(random, days)
        counts[0] = max(1, counts[0])
        calls += followed(counts, 7)
        for stop in random.integers(LEARNED_DAYS * 24, days * 24, STOPS):
            found = noticed(counts, int(stop))
            missed += found is None
            if found:
                delays.append(found)
    hours = np.array([item[0] for item in delays], dtype=np.float64)
    articles = np.array([item[1] for item in delays])
    return {
        "world": world.name,
        "false_silences_a_year": round(calls / years, 3),
        "hours": round(float(np.median(hours)), 1),
        "hours_90": round(float(np.quantile(hours, 0.9)), 1),
        "articles": round(float(np.median(articles)), 1),
        "mean_gaps": round(float(np.median(hours)) * world.daily / 24, 1),
        "missed": missed / (years * STOPS),
    }


def report(years: int, say: Callable[[str], None]) -> tuple[list[dict[str, object]], bool]:
    """Follow every world, saying each row as it is done; True when the promise is broken."""
    say(f"Silent outlets: {years} outlet-years a row; promised at most 1 false silence a year")
    say(f"{'false a year':>12} {'hours':>6} {'90 %':>6} {'articles':>9} {'mean gaps':>10}  outlet")
    rows, broken = [], False
    for seed, world in enumerate(WORLDS):
        row = followed_world(world, years, seed)
        rows.append(row)
        often = float(str(row["false_silences_a_year"]))
        bad = often > 1.0
        broken |= bad
        say(
            f"{often:>12.2f} {row['hours']:>6} {row['hours_90']:>6} {row['articles']:>9} "
            f"{row['mean_gaps']:>10}  {world.name}" + ("  BROKEN" if bad else "")
        )
    return rows, broken


def main() -> int:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--years", type=int, default=10, help="outlet-years a row (default 10)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    rows, broken = report(arguments.years, (lambda _: None) if arguments.json else print)
    if arguments.json:
        print(json.dumps({"outlets": rows, "years": arguments.years, "kept": not broken}))
    elif broken:
        print("The promise is broken in a row marked BROKEN.")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
