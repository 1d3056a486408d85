"""Does the detector keep its promise, and how soon does it see a shift? By simulation.

    python -m tests.eval.detector_promise [--runs N] [--json]

Every figure comes from the whole way that the product goes: 28 days of estimated baseline,
then watching day by day. First, days to a false alarm where nothing changes. Second, days from
a planted change to the alarm, beside a timid grid of bets and beside Page's CUSUM; how well
the change is dated; and false alerts against the new baseline that follows it. Seeds are
fixed. Exit code 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.domain.series import SeriesKey
from services.domain.shift import Direction, Level, Shift
from services.shifts.baseline import DetectorConfig, estimate_null
from services.shifts.detector import bet_fractions, follow, upward_ratio
from services.shifts.panel import History, build_panel
from services.shifts.watch import detect
from tests.support.day_counts import DETENTE, history, position

KEY = SeriesKey(DETENTE, "outlet:x", "us")
BASELINE = DetectorConfig().baseline_days
QUIET_DAYS = BASELINE + 1460
CHANGE = 60
AFTER = 300

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """How one unchanging outlet publishes.

    `scatter` is the correlation of articles within a day, `mood` the standard deviation and
    `memory` the day-to-day correlation of a wandering log-odds, `weekend` its weekend step.
    `promised` is False where the share itself wanders further than the smallest effect that
    matters: those are real changes, shown for what they do to the rate of alarms.
    """

    name: str
    share: float
    articles: int
    scatter: float = 0.0
    mood: float = 0.0
    memory: float = 0.0
    weekend: float = 0.0
    promised: bool = True

    def draw(self, random: np.random.Generator, days: int, share: float = 0.0) -> tuple[Ints, Ints]:
        """Return n and k for `days` days, at another `share` when one is given."""
        base = share or self.share
        n = random.poisson(self.articles, days) if self.articles < 50 else None
        size = np.full(days, self.articles) if n is None else n
        odds = np.full(days, np.log(base / (1 - base)))
        odds += self.mood * _wander(random, days, self.memory)
        odds += self.weekend * np.isin(np.arange(days) % 7, [5, 6])
        p = 1 / (1 + np.exp(-odds))
        if self.scatter:
            inside = 1 / self.scatter - 1
            p = random.beta(p * inside, (1 - p) * inside)
        return size.astype(np.int64), random.binomial(size, p).astype(np.int64)


def _wander(random: np.random.Generator, days: int, memory: float) -> Floats:
    """A stationary process of variance 1 with correlation `memory` from day to day."""
    steps = random.normal(size=days)
    values = np.empty(days)
    values[0] = steps[0]
    for day in range(1, days):
        values[day] = memory * values[day - 1] + np.sqrt(1 - memory**2) * steps[day]
    return values


QUIET = (
    World("3 articles a day, share 20 %", 0.2, 3),
    World("15 a day, 20 %", 0.2, 15),
    World("100 a day, 20 %", 0.2, 100),
    World("3 a day, 3 %", 0.03, 3),
    World("15 a day, 3 %", 0.03, 15),
    World("100 a day, 0.5 %", 0.005, 100),
    World("1 a day, 50 %", 0.5, 1),
    World("15 a day, 50 %", 0.5, 15),
    World("15 a day, 20 %, copies (correlation .05 within a day)", 0.2, 15, scatter=0.05),
    World("15 a day, 20 %, copies (correlation .2)", 0.2, 15, scatter=0.2),
    World("100 a day, 20 %, copies (correlation .05)", 0.2, 100, scatter=0.05),
    World("30 a day, 20 %, other weekends (27 %)", 0.2, 30, weekend=0.4),
    World("15 a day, 20 %, moods of 3 points lasting days", 0.2, 15, mood=0.2, memory=0.7),
    World("100 a day, 20 %, moods of 3 points lasting days", 0.2, 100, mood=0.2, memory=0.7),
    World(
        "100 a day, 20 %, level wandering by 5 points over weeks",
        *(0.2, 100, 0.0, 0.3, 0.9),
        promised=False,
    ),
)


@dataclass
class Quiet:
    """Counts of one quiet world: runs, days watched, alarms, days to the first of each."""

    name: str
    promised: bool
    days: int = 0
    watches: int = 0
    alerts: int = 0
    first_watch: list[int] = field(default_factory=list)
    first_alert: list[int] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        return {
            "world": self.name,
            "promised": self.promised,
            "days_watched": self.days,
            "watches": self.watches,
            "alerts": self.alerts,
            "days_per_watch": _rate(self.days, self.watches),
            "days_per_alert": _rate(self.days, self.alerts),
            "mean_first_watch_at_least": round(float(np.mean(self.first_watch))),
            "mean_first_alert_at_least": round(float(np.mean(self.first_alert))),
        }

    def broken(self) -> bool:
        """True when the mean run, cut off at the end of the history, misses its level, or
        alarms come more often than promised by more than their own chance scatter."""
        if not self.promised:
            return False
        watch, alert = Level.WATCH.arl, Level.ALERT.arl
        often = self.alerts > self.days / alert + 3 * np.sqrt(self.days / alert)
        return bool(np.mean(self.first_watch) < watch or often)


def _rate(days: int, alarms: int) -> int:
    return round(days / max(alarms, 1))


def quiet(world: World, runs: int, seed: int) -> Quiet:
    """Watch `runs` histories of four years in which nothing changes."""
    random = np.random.default_rng(seed)
    found = Quiet(world.name, world.promised)
    for _ in range(runs):
        n, k = world.draw(random, QUIET_DAYS)
        shifts = detect({"outlet:x": history(n, k)}, KEY)
        alerts = [shift for shift in shifts if shift.level is Level.ALERT]
        found.days += QUIET_DAYS - BASELINE
        found.watches += len(shifts)
        found.alerts += len(alerts)
        found.first_watch.append(_first(position(s.first_alarm) for s in shifts))
        found.first_alert.append(_first(position(s.alarm_date) for s in alerts))
    return found


def _first(days: Iterator[int]) -> int:
    return min(days, default=QUIET_DAYS) - BASELINE


CHANGES = (
    (0.1, 0.45),
    (0.2, 0.4),
    (0.2, 0.3),
    (0.5, 0.7),
    (0.02, 0.06),
    (0.45, 0.1),
    (0.4, 0.2),
    (0.3, 0.2),
)


def planted(before: float, after: float, articles: int, runs: int, seed: int) -> dict[str, object]:
    """Watch `runs` histories with one change; delays in days after the change (medians)."""
    random = np.random.default_rng(seed)
    world = World("", before, articles)
    direction = Direction.UP if after > before else Direction.DOWN
    watch, alert, errors, inside, timid, page, missed = [], [], [], [], [], [], 0
    afterwards = days_afterwards = 0
    for _ in range(runs):
        early = world.draw(random, CHANGE)
        late = world.draw(random, AFTER, share=after)
        n, k = (np.concatenate(pair) for pair in zip(early, late, strict=True))
        shifts = detect({"outlet:x": history(n, k)}, KEY)
        hit = _hit(shifts, direction)
        if hit is None:
            missed += 1
        else:
            watch.append(position(hit.first_alarm) - CHANGE + 1)
            if hit.level is Level.ALERT:
                alert.append(position(hit.alarm_date) - CHANGE + 1)
                errors.append(abs(position(hit.onset) - CHANGE))
                inside.append(position(hit.onset_low) <= CHANGE <= position(hit.onset_high))
                afterwards += _alerts_after(shifts, hit)
                days_afterwards += max(0, CHANGE + AFTER - position(hit.onset) - BASELINE)
        if direction is Direction.UP:
            timid.append(_timid(n, k))
        page.append(_page(n, k, before, after))
    return {
        "change": f"{before:.0%} to {after:.0%}",
        "articles": articles,
        "watch": _median(watch),
        "alert": _median(alert),
        "alert_90": _quantile(alert, 0.9),
        "alerts": len(alert) / runs,
        "missed": missed / runs,
        "timid_grid": _median(timid),
        "page_told_both_shares": _median(page),
        "onset_error": _median(errors),
        "onset_inside": float(np.mean(inside)) if inside else None,
        "alerts_afterwards": afterwards,
        "days_afterwards": days_afterwards,
    }


def _hit(shifts: list[Shift], direction: Direction) -> Shift | None:
    later = (s for s in shifts if s.direction is direction and position(s.alarm_date) >= CHANGE)
    return next(later, None)


def _alerts_after(shifts: list[Shift], hit: Shift) -> int:
    later = (s for s in shifts if s.level is Level.ALERT)
    return sum(s.first_alarm > hit.alarm_date for s in later)


def _timid(n: Ints, k: Ints) -> int:
    """Days to the alert with bets of at most half of what is possible."""
    rows = {"outlet:x": history(n, k)}
    panel = build_panel(History(rows), "outlet:x", (DETENTE,), (), None, "count")
    null = estimate_null(panel, slice(0, BASELINE), DetectorConfig())
    ratios = upward_ratio(panel.shares, null.high)[CHANGE:, None, :]
    fractions = bet_fractions()
    path = follow(ratios, fractions[fractions <= 0.5], Level.WATCH.arl, Level.ALERT.arl)[0]
    return AFTER if path.alert is None else path.alert + 1


def _page(n: Ints, k: Ints, before: float, after: float) -> int:
    """Days to the alarm of Page's CUSUM that is told both true shares and is sure that every
    article is independent; its threshold log(5000) promises the same run length (Lorden)."""
    gain = np.log(after / before), np.log((1 - after) / (1 - before))
    steps = k[CHANGE:] * gain[0] + (n - k)[CHANGE:] * gain[1]
    total = 0.0
    for number, step in enumerate(steps, 1):
        total = max(0.0, total) + float(step)
        if total >= np.log(Level.ALERT.arl):
            return number
    return AFTER


def page_in_quiet(world: World, runs: int, seed: int) -> int:
    """Days to a false alarm of that CUSUM (told 20 % and 30 %) where nothing changes."""
    random = np.random.default_rng(seed)
    gain = np.log(0.3 / 0.2), np.log(0.7 / 0.8)
    lengths = []
    for _ in range(runs):
        n, k = world.draw(random, QUIET_DAYS)
        total, length = 0.0, QUIET_DAYS
        for number, step in enumerate(k * gain[0] + (n - k) * gain[1], 1):
            total = max(0.0, total) + float(step)
            if total >= np.log(Level.ALERT.arl):
                length = number
                break
        lengths.append(length)
    return round(float(np.mean(lengths)))


def _median(values: list[int]) -> float | None:
    return float(np.median(values)) if values else None


def _quantile(values: list[int], level: float) -> float | None:
    return float(np.quantile(values, level)) if values else None


def report(runs: int, say: Callable[[str], None]) -> tuple[dict[str, object], bool]:
    """Run all tables, saying each row as it is done."""
    say(f"Nothing changes: {runs} runs of four years each; promised 365 (watch), 5000 (alert)")
    say(f"{'days per watch':>15} {'days per alert':>15} {'CUSUM':>7}  world")
    quiets, pages, broken = [], {}, False
    for seed, world in enumerate(QUIET):
        found = quiet(world, runs, seed)
        row = found.row()
        if world.share == 0.2 and world.articles >= 15:
            pages[world.name] = page_in_quiet(world, runs, seed)
        broken |= found.broken()
        quiets.append(row | {"page_cusum": pages.get(world.name)})
        more = "" if found.alerts else ">"
        say(
            f"{row['days_per_watch']:>15} {more + str(row['days_per_alert']):>15} "
            f"{pages.get(world.name, ''):>7}  {world.name}"
            + ("" if world.promised else "  (real changes; nothing promised)")
            + ("  BROKEN" if found.broken() else "")
        )
    say("")
    say(f"One change after {CHANGE} days: days from it to the alarm, medians of {runs} runs")
    say(
        "change        articles  watch  alert  90 %  alerts  timid  CUSUM  onset off  inside"
        "  alerts after"
    )
    planteds = []
    for before, after in CHANGES:
        for articles in (3, 15, 100):
            row = planted(before, after, articles, runs, seed=articles)
            planteds.append(row)
            say(
                f"{row['change']:<13} {articles:>8} {_text(row['watch']):>6} "
                f"{_text(row['alert']):>6} {_text(row['alert_90']):>5} {row['alerts']:>7.0%} "
                f"{_text(row['timid_grid']):>6} {_text(row['page_told_both_shares']):>6} "
                f"{_text(row['onset_error']):>10} "
                + (f"{row['onset_inside']:>7.0%}" if row["onset_inside"] is not None else "      -")
                + f"  {row['alerts_afterwards']} in {row['days_afterwards']} days"
            )
    return {"quiet": quiets, "planted": planteds, "runs": runs, "kept": not broken}, broken


def _text(value: object) -> str:
    return "-" if value is None else f"{value:.0f}"


def main() -> int:
    """Print the tables, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100, help="histories a row (default 100)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    result, broken = report(arguments.runs, (lambda _: None) if arguments.json else print)
    if arguments.json:
        print(json.dumps(result))
    elif broken:
        print("The promise is broken in a row marked BROKEN.")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
