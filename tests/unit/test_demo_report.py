"""The report's judgement, on findings made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.demo.found import Found, StoryDay, expected_articles
from services.demo.report import DemoReport, compare
from services.demo.sinks import ReceivedMail, ReceivedWebhook
from services.demo.world import PlantedShift, Silence, World, build_world
from services.domain.alert import Alert, CollectionGap, DeliveryStatus
from services.domain.series import ShareInterval
from services.domain.shift import Direction, Level, Shift
from tests.support.records import NOW, make_delivery

SHARE = ShareInterval(0.1, 0.08, 0.12, 500, date(2025, 1, 1), date(2025, 1, 28))


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def shift_for(plant: PlantedShift, world: World, late: int = 0, delay: int = 8) -> Shift:
    onset = plant.onset + timedelta(late)
    return Shift(
        id=f"{plant.signal}-{plant.group}-{plant.direction}",
        series=f"signal={plant.signal}|group:{plant.group}|us",
        direction=Direction(plant.direction),
        level=Level.ALERT,
        arl=Level.ALERT.arl,
        alarm_date=plant.onset + timedelta(delay),
        first_alarm=plant.onset + timedelta(delay - 2),
        onset=onset,
        onset_low=onset - timedelta(1),
        onset_high=onset + timedelta(1),
        baseline=SHARE,
        current=SHARE,
        outlets=tuple(outlet.id for outlet in world.outlets if outlet.group == plant.group),
        model="m",
    )


def noticed(silence: Silence) -> CollectionGap:
    """The gap that a silence makes, noticed on its fourth day."""
    since = datetime.combine(silence.since, time(), UTC)
    later = since + timedelta(days=3)
    return CollectionGap(silence.outlet, "silent", since, later, since, 8, 24, 999, "")


def perfect(world: World) -> Found:
    shifts = tuple(shift_for(plant, world) for plant in world.planted.shifts)
    alerts = tuple(
        Alert(one.id, one.id, one.series, one.direction, one.level, NOW) for one in shifts
    )
    mails = [make_delivery(id=f"mail-{a.id}", alert_id=a.id, channel="email") for a in alerts]
    hooks = [make_delivery(id=f"hook-{a.id}", alert_id=a.id, channel="webhook") for a in alerts]
    sent = [replace(item, status=DeliveryStatus.SENT, attempts=1) for item in (*mails, *hooks)]
    return Found(
        shifts=shifts,
        alerts=alerts,
        deliveries=tuple(sent),
        mails=tuple(
            ReceivedMail(NOW, ("a@demo.example",), "s", "h", "t", message_id=item.id)
            for item in mails
        ),
        webhooks=tuple(ReceivedWebhook(NOW, "/hooks", item.id, {}) for item in hooks),
        articles=expected_articles(world),
        gaps=tuple(noticed(silence) for silence in world.planted.silences),
        stories={
            story.day: StoryDay(len(story.outlets), 60, 60) for story in world.planted.syndicated
        },
        refused_webhooks=world.planted.refused_webhooks,
    )


def failed(report: DemoReport) -> list[str]:
    return [check.planted for check in report.checks if check.ok is False]


def test_a_perfect_run_passes(world: World) -> None:
    report = compare(world, perfect(world))
    assert failed(report) == []
    assert report.ok
    assert "Everything that was planted was found" in report.to_text()


def test_a_missed_shift_fails_and_is_named(world: World) -> None:
    found = perfect(world)
    report = compare(world, replace(found, shifts=found.shifts[1:]))
    assert "state: thaw up on 15 Feb 2025" in failed(report)
    assert "alternative follows state (thaw) by 9 days" in failed(report)


@pytest.mark.parametrize("change", [{"late": 20}, {"delay": 40}])
def test_a_shift_found_far_off_or_late_fails(world: World, change: dict[str, int]) -> None:
    found = perfect(world)
    wrong = shift_for(world.planted.shifts[0], world, **change)
    report = compare(world, replace(found, shifts=(wrong, *found.shifts[1:])))
    assert "state: thaw up on 15 Feb 2025" in failed(report)


def test_the_wrong_direction_is_both_missed_and_false(world: World) -> None:
    found = perfect(world)
    wrong = replace(found.shifts[0], direction=Direction.DOWN)
    report = compare(world, replace(found, shifts=(wrong, *found.shifts[1:])))
    assert "state: thaw up on 15 Feb 2025" in failed(report)
    assert "no other turn of a signal in any group" in failed(report)


def test_an_alert_in_the_control_group_fails(world: World) -> None:
    found = perfect(world)
    extra = replace(found.shifts[0], id="x", series="signal=thaw|group:control|us")
    report = compare(world, replace(found, shifts=(*found.shifts, extra)))
    assert failed(report) == ["no other turn of a signal in any group"]


def test_a_watch_level_shift_is_no_false_alert(world: World) -> None:
    found = perfect(world)
    extra = replace(
        found.shifts[0], id="x", series="signal=thaw|group:control|us", level=Level.WATCH
    )
    assert compare(world, replace(found, shifts=(*found.shifts, extra))).ok


def test_the_outage_reported_as_a_shift_fails(world: World) -> None:
    found = perfect(world)
    silence = world.planted.silences[0]
    blamed = replace(
        found.shifts[0],
        id="x",
        series=f"signal=thaw|outlet:{silence.outlet}|us",
        outlets=(silence.outlet,),
        first_alarm=silence.since + timedelta(3),
        alarm_date=silence.since + timedelta(3),
        onset=silence.since,
        onset_low=silence.since,
        onset_high=silence.since,
    )
    report = compare(world, replace(found, shifts=(*found.shifts, blamed)))
    assert len(failed(report)) == 1
    assert "silent" in failed(report)[0]


def test_a_silence_that_nobody_noticed_fails(world: World) -> None:
    report = compare(world, replace(perfect(world), gaps=()))
    assert len(failed(report)) == len(world.planted.silences)


def test_a_silence_that_never_was_fails(world: World) -> None:
    found = perfect(world)
    false = replace(found.gaps[0], outlet="sim-contrarian")
    report = compare(world, replace(found, gaps=(*found.gaps, false)))
    assert len(failed(report)) == 1


def test_a_syndicated_story_counted_once_for_each_copy_fails(world: World) -> None:
    found = perfect(world)
    stories = {day: replace(seen, counted=66) for day, seen in found.stories.items()}
    report = compare(world, replace(found, stories=stories))
    assert len(failed(report)) == len(world.planted.syndicated)


def test_a_lost_article_fails(world: World) -> None:
    found = perfect(world)
    articles = {**found.articles, "sim-vestnik": found.articles["sim-vestnik"] - 1}
    assert len(failed(compare(world, replace(found, articles=articles)))) == 1


@pytest.mark.parametrize("kind", ["mails", "webhooks"])
@pytest.mark.parametrize("number", [0, 2])
def test_each_alert_needs_exactly_one_message(world: World, kind: str, number: int) -> None:
    found = perfect(world)
    got = getattr(found, kind)
    report = compare(world, replace(found, **{kind: (*got[1:], *got[:1] * number)}))
    assert len(failed(report)) == 1


def test_the_report_reads_back_from_json(world: World) -> None:
    report = compare(world, perfect(world))
    data = json.loads(json.dumps(report.to_json()))
    assert data["ok"] is True
    assert len(data["checks"]) == len(report.checks)


def test_a_play_that_was_stopped_says_so_and_blames_nobody(world: World) -> None:
    report = compare(world, replace(perfect(world), shifts=()), complete=False)
    assert not report.ok
    assert len(report.checks) == 1
    assert "stopped early" in report.to_text()
