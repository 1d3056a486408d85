"""The end of the demo: what was planted beside what was found, and a verdict.

A planted shift counts as found when its signal reached the alert level in the right group and
direction, with an onset within ONSET_TOLERANCE days of the planted one (or an interval that
covers it), at most ALARM_DELAY days after it. Any other alert about a signal is a failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from services.demo.found import Found, expected_articles, sent_ids
from services.demo.world import PlantedShift, Silence, World
from services.domain.alert import CollectionGap
from services.domain.series import SeriesKey, group_scope
from services.domain.shift import Level, Shift
from services.shifts.lag import FollowOn, follow_on

ONSET_TOLERANCE: Final = 7
ALARM_DELAY: Final = 28
LAG_TOLERANCE: Final = 3
_AFTERMATH: Final = timedelta(days=35)  # how long after an onset its labels may still alarm
_NIGHT: Final = timedelta(days=1)  # the round after a day belongs to it


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `ok` is None for a line that only informs."""

    planted: str
    found: str
    ok: bool | None


@dataclass(frozen=True, slots=True)
class DemoReport:
    """All lines, in order, and whether every one that judges is fulfilled."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True when nothing planted was missed and nothing was found that was not planted."""
        return all(check.ok is not False for check in self.checks)

    @property
    def verdict(self) -> str:
        """One sentence."""
        judged = [check for check in self.checks if check.ok is not None]
        met = sum(check.ok is True for check in judged)
        if self.ok:
            return f"Everything that was planted was found: {met} of {len(judged)} checks hold."
        return f"The demo failed: {met} of {len(judged)} checks hold."

    def to_json(self) -> dict[str, object]:
        """The report as plain values."""
        checks = [asdict(check) for check in self.checks]
        return {"ok": self.ok, "verdict": self.verdict, "checks": checks}

    def render(self) -> Group:
        """The report as a table with the verdict below it, for a terminal."""
        table = Table("Planted", "Found", "", title="Planted and found", box=box.SIMPLE_HEAD)
        for check in self.checks:
            mark, style = _MARKS[check.ok]
            table.add_row(Text(check.planted), Text(check.found), Text(mark, style))
        return Group(table, Text(self.verdict, "bold green" if self.ok else "bold red"))

    def to_text(self, width: int = 110) -> str:
        """The report as plain text."""
        console = Console(width=width, color_system=None, force_terminal=False)
        with console.capture() as capture:
            console.print(self.render())
        return capture.get()


_MARKS: Final[Mapping[bool | None, tuple[str, str]]] = {
    True: ("yes", "green"),
    False: ("NO", "bold red"),
    None: ("", ""),
}


def compare(world: World, found: Found, *, complete: bool = True) -> DemoReport:
    """Judge what was found against what was planted; pure.

    `complete` is False when the play was stopped early: then nothing is said to be missed.
    """
    if not complete:
        return DemoReport((_stopped_check(world, found),))
    matches = {plant: match(plant, found.shifts) for plant in world.planted.shifts}
    checks = [
        *(_shift_check(plant, shift) for plant, shift in matches.items()),
        *_lag_checks(world.planted.shifts, matches),
        *_false_checks(world, found.shifts, matches),
        *(_silence_check(silence, world, found.shifts) for silence in world.planted.silences),
        *_gap_checks(world, found.gaps),
        *_story_checks(world, found),
        _collection_check(world, found),
        *_delivery_checks(world, found),
    ]
    return DemoReport(tuple(checks))


def _stopped_check(world: World, found: Found) -> Check:
    text = (
        f"stopped early: {sum(found.articles.values())} headlines, {len(found.alerts)} alerts, "
        f"{len(found.mails)} mails, {len(found.webhooks)} webhooks so far"
    )
    return Check(f"play from {_day(world.since)} to {_day(world.until)}", text, ok=False)


def match(plant: PlantedShift, shifts: Sequence[Shift]) -> Shift | None:
    """Return the alert that `plant` caused: right signal, group and direction, nearest onset."""
    candidates = [
        shift
        for shift in shifts
        if shift.level is Level.ALERT
        and shift.direction == plant.direction
        and _is_about(shift, plant.signal, plant.group)
        and shift.alarm_date >= plant.onset
    ]
    return min(candidates, key=lambda one: abs((one.onset - plant.onset).days), default=None)


def _is_about(shift: Shift, signal: str, group: str) -> bool:
    key = SeriesKey.parse(shift.series)
    return key.label == f"signal={signal}" and key.scope == group_scope(group)


def _shift_check(plant: PlantedShift, shift: Shift | None) -> Check:
    planted = f"{plant.group}: {plant.signal} {plant.direction} on {_day(plant.onset)}"
    if shift is None:
        return Check(planted, "not found", ok=False)
    error = (shift.onset - plant.onset).days
    delay = (shift.alarm_date - plant.onset).days
    near = abs(error) <= ONSET_TOLERANCE or shift.onset_low <= plant.onset <= shift.onset_high
    text = (
        f"onset {_day(shift.onset)} ({_day(shift.onset_low)} to {_day(shift.onset_high)}), "
        f"{_off(error)}; alert after {delay} days"
    )
    return Check(planted, text, ok=near and delay <= ALARM_DELAY)


def _lag_checks(
    plants: Sequence[PlantedShift], matches: Mapping[PlantedShift, Shift | None]
) -> Iterator[Check]:
    """One line for each follower, from what the product itself says about who came first."""
    named = follow_on(shift for shift in matches.values() if shift)
    for plant in plants:
        leader = next((one for one in plants if _leads(one, plant)), None)
        if leader is None:
            continue
        lag = (plant.onset - leader.onset).days
        planted = f"{plant.group} follows {plant.follows} ({plant.signal}) by {lag} days"
        first, second = matches[leader], matches[plant]
        pair = next((p for p in named if first and second and _joins(p, first, second)), None)
        if pair is None:
            yield Check(planted, "no follow-on named", ok=False)
            continue
        close = pair.low <= lag <= pair.high or abs(pair.days - lag) <= LAG_TOLERANCE
        text = f"{plant.group} follows {plant.follows} by {pair.days} days"
        yield Check(planted, f"{text} ({pair.low} to {pair.high})", ok=pair.days > 0 and close)


def _leads(one: PlantedShift, follower: PlantedShift) -> bool:
    same = one.signal == follower.signal and one.direction == follower.direction
    return same and one.group == follower.follows and one.onset < follower.onset


def _joins(pair: FollowOn, first: Shift, second: Shift) -> bool:
    return pair.leader_id == first.id and pair.follower_id == second.id


def _false_checks(
    world: World, shifts: Sequence[Shift], matches: Mapping[PlantedShift, Shift | None]
) -> Iterator[Check]:
    """Alerts about signals in groups must all be planted; the rest is told, not judged."""
    known = {shift.id for shift in matches.values() if shift}
    extra = [shift for shift in shifts if shift.level is Level.ALERT and shift.id not in known]
    groups = {group_scope(group) for group in world.groups()}
    false = [
        shift
        for shift in extra
        if SeriesKey.parse(shift.series).label.startswith("signal=")
        and SeriesKey.parse(shift.series).scope in groups
    ]
    yield Check("no other turn of a signal in any group", _listed(false), ok=not false)
    stray = [shift for shift in extra if shift not in false and not explained(shift, world)]
    yield Check("alerts on single labels and outlets without a planted cause", _listed(stray), None)


def explained(shift: Shift, world: World) -> bool:
    """True when a planted shift touches the outlets of `shift` and stands near its onset."""
    groups = {outlet.group for outlet in world.outlets if outlet.id in shift.outlets}
    return any(
        plant.group in groups
        and plant.onset - timedelta(ONSET_TOLERANCE) <= shift.onset_high
        and shift.onset_low <= plant.onset + _AFTERMATH
        for plant in world.planted.shifts
    )


def _silence_check(silence: Silence, world: World, shifts: Sequence[Shift]) -> Check:
    name = next(outlet.name for outlet in world.outlets if outlet.id == silence.outlet)
    planted = f"{name} silent {_day(silence.since)} to {_day(silence.until)}: no shift"
    late = silence.until + timedelta(ONSET_TOLERANCE)
    blamed = [
        shift
        for shift in shifts
        if silence.outlet in shift.outlets
        and silence.since <= shift.first_alarm <= late
        and not explained(shift, world)
    ]
    return Check(planted, _listed(blamed), ok=not blamed)


def _gap_checks(world: World, gaps: Sequence[CollectionGap]) -> Iterator[Check]:
    """Each silence is noticed while it lasts, and no other outlet is called silent."""
    silent = [gap for gap in gaps if gap.trouble == "silent"]
    names = {outlet.id: outlet.name for outlet in world.outlets}
    true = []
    for silence in world.planted.silences:
        known = [gap for gap in silent if _within(gap, silence)]
        true += known
        text = f"on {_day(known[0].noticed.date())}" if known else "not noticed"
        yield Check(f"{names[silence.outlet]} silent: noticed", text, ok=bool(known))
    if world.planted.silences:
        false = [names.get(gap.outlet, gap.outlet) for gap in silent if gap not in true]
        yield Check("no other outlet called silent", ", ".join(false) or "none", ok=not false)


def _within(gap: CollectionGap, silence: Silence) -> bool:
    noticed = gap.noticed.date()
    return gap.outlet == silence.outlet and silence.since <= noticed <= silence.until + _NIGHT


def _story_checks(world: World, found: Found) -> Iterator[Check]:
    for story in world.planted.syndicated:
        planted = f"one story in {len(story.outlets)} outlets on {_day(story.day)}: counts once"
        seen = found.stories.get(story.day)
        if seen is None:
            yield Check(planted, "nothing counted on that day", ok=False)
            continue
        text = f"{seen.copies} copies; {seen.counted} counted of {seen.distinct} distinct stories"
        ok = seen.copies == len(story.outlets) and seen.counted == seen.distinct
        yield Check(planted, text, ok=ok)


def _collection_check(world: World, found: Found) -> Check:
    expected = expected_articles(world)
    total = sum(expected.values())
    planted = f"{total} headlines in {len(expected)} outlets, {len(world.planted.faults)} faults"
    wrong = [
        f"{name}: {found.articles.get(name, 0)} of {count}"
        for name, count in expected.items()
        if found.articles.get(name, 0) != count
    ]
    text = f"{sum(found.articles.values())} in the index, {found.unlabelled} without labels"
    return Check(planted, "; ".join([text, *wrong]), ok=not wrong and not found.unlabelled)


def _delivery_checks(world: World, found: Found) -> Iterator[Check]:
    ids = {alert.id for alert in found.alerts}
    count = len(ids)
    planted = f"one mail and one webhook for each of {count} alerts"
    mails = Counter(mail.message_id for mail in found.mails)
    hooks = Counter(hook.id for hook in found.webhooks)
    text = f"{mails.total()} mails and {hooks.total()} webhooks, each once"
    ok = count > 0 and len(mails) == mails.total() == count and len(hooks) == count
    ok = ok and hooks.total() == count
    ok = ok and sorted(sent_ids(found.deliveries, "webhook")) == sorted(hooks)
    ok = ok and len(sent_ids(found.deliveries, "email")) == count
    yield Check(planted, text if ok else f"{text}: does not match the ledger", ok=ok)
    refused = f"{world.planted.refused_webhooks} webhook refused with 503 at first"
    again = max((item.attempts for item in found.deliveries), default=0)
    ok = found.refused_webhooks == world.planted.refused_webhooks and not found.bad_signatures
    yield Check(
        refused,
        f"{found.refused_webhooks} refused, up to {again} tries; "
        f"{found.bad_signatures} wrong signatures",
        ok=ok,
    )


def _listed(shifts: Sequence[Shift], most: int = 4) -> str:
    if not shifts:
        return "none"
    named = [f"{one.series} {one.direction} on {_day(one.onset)}" for one in shifts[:most]]
    more = [f"and {len(shifts) - most} more"] if len(shifts) > most else []
    return "; ".join([*named, *more])


def _day(day: date) -> str:
    return f"{day:%d %b %Y}".lstrip("0")


def _off(days: int) -> str:
    return "on the day" if days == 0 else f"{abs(days)} days {'late' if days > 0 else 'early'}"
