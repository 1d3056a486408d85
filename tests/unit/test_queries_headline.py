"""The page's first words: who moved, how sure that is, and what is said when nobody did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from services.domain.series import ShareInterval
from services.domain.shift import Direction, Level, Shift
from services.queries.headline import headline, verdict
from services.queries.standing import Comparison, GroupStanding, SignalStanding
from tests.support.records import make_interval, make_shift

ONSET = date(2025, 2, 16)
UNTIL = date(2025, 3, 20)


def _shift(
    signal: str,
    group: str,
    *,
    later: int = 0,
    direction: Direction = Direction.UP,
    level: Level = Level.ALERT,
    now: float | None = None,
) -> Shift:
    base = make_interval(0.2)
    moved = now if now is not None else (0.4 if direction is Direction.UP else 0.1)
    return make_shift(
        f"signal={signal}|group:{group}|us",
        direction=direction,
        level=level,
        onset=ONSET + timedelta(days=later),
        baseline=base,
        current=make_interval(moved),
    )


def _group(name: str, *shifts: Shift, n: int = 300, reference: str = "") -> GroupStanding:
    titles = {"state": "Russian state outlets", "alternative": "alternative outlets"}
    signals = []
    for signal, label in (("thaw", "Détente"), ("chill", "Confrontation")):
        found = next((item for item in shifts if f"signal={signal}|" in item.series), None)
        share = ShareInterval(0.3, 0.25, 0.35, n, UNTIL - timedelta(days=27), UNTIL)
        signals.append(
            SignalStanding(signal, signal, (Comparison(label, label, share, None),), found)
        )
    since = UNTIL - timedelta(days=27)
    title = titles.get(name, f"{name} outlets")
    return GroupStanding(name, title, reference, since, UNTIL, n, tuple(signals), None, None)


def test_a_single_outlet_of_the_reference_history_has_moved() -> None:
    title = headline([_group("state", _shift("thaw", "state"), reference="TASS")], empty=True).title
    assert title.startswith("TASS has ")


def test_the_first_to_move_and_who_followed() -> None:
    groups = [
        _group("alternative", _shift("thaw", "alternative", later=9)),
        _group("state", _shift("thaw", "state")),
    ]
    assert headline(groups, empty=False).title == (
        "Russian state outlets have moved towards détente with the United States since about "
        "16 February 2025; alternative outlets followed about 9 days later"
    )


def test_two_signals_of_one_group_are_one_move() -> None:
    thaw, chill = (
        _shift("thaw", "state", later=1),
        _shift("chill", "state", direction=Direction.DOWN),
    )
    title = headline([_group("state", thaw, chill)], empty=False).title
    assert "moved towards détente" in title
    assert "confrontational" not in title


def test_opposite_moves_are_told_apart() -> None:
    groups = [
        _group("state", _shift("thaw", "state")),
        _group("alternative", _shift("chill", "alternative", later=5)),
    ]
    title = headline(groups, empty=False).title
    assert "alternative outlets have turned more confrontational" in title
    assert "followed" not in title


def test_an_early_sign_is_told_as_a_possibility() -> None:
    told = headline([_group("state", _shift("thaw", "state", level=Level.WATCH))], empty=False)
    assert told.title.startswith("Russian state outlets may have moved towards détente")
    assert "early sign" in told.certainty


def test_a_shift_where_samples_meet_is_told_with_its_doubt() -> None:
    shift = replace(_shift("thaw", "state"), seam=ONSET)
    group = _group("state", shift)
    told = headline([group], empty=False)
    assert "may have moved" in told.title
    assert "change of sample" in told.certainty
    assert verdict(group, "thaw").startswith("where samples meet: rising")


def test_a_shift_whose_mean_share_went_the_other_way_is_no_headline() -> None:
    told = headline([_group("state", _shift("thaw", "state", now=0.1))], empty=False)
    assert told.title.startswith("No shift")


def test_without_a_shift_its_absence_is_no_proof() -> None:
    told = headline([_group("state")], empty=False)
    assert told.title.startswith("No shift")
    assert "does not prove" in told.certainty
    assert told.figures == (
        "Among 300 articles about the United States in Russian state outlets, in the 28 days to "
        "20 March 2025: détente in 30\u00a0% (25 to 35); confrontation in 30\u00a0% (25 to 35)."
    )


def test_before_there_is_a_baseline_it_is_too_early_to_say() -> None:
    young = [replace(_group("state", n=4), days=2), replace(_group("alternative", n=22), days=2)]
    told = headline(young, empty=False)
    assert told.title.startswith("Too early to say")
    assert told.figures.startswith("Among 22 articles")
    assert "28 days with articles" in told.certainty


def test_a_group_with_a_baseline_speaks_for_itself() -> None:
    told = headline([replace(_group("state", n=4), days=2), _group("alternative")], empty=False)
    assert told.title.startswith("No shift")
    assert "alternative outlets" in told.figures


def test_an_older_shift_is_not_forgotten() -> None:
    told = headline([_group("state")], empty=False, earlier=_shift("thaw", "state"))
    assert told.title.startswith("No new shift since 16 February 2025: outlets write")


def test_the_reference_history_is_named_as_such() -> None:
    told = headline([_group("state", reference="TASS")], empty=True)
    assert told.title.startswith(
        "No recent shift in the reference history: up to 20 March 2025, TASS"
    )


def test_one_outlet_is_told_in_the_singular() -> None:
    told = headline([_group("state", _shift("thaw", "state"), reference="TASS")], empty=True)
    assert told.title.startswith("TASS has moved towards détente")


def test_nothing_at_all() -> None:
    told = headline([_group("state", n=0)], empty=True)
    assert told.title == "Nothing has been collected yet"


def test_a_verdict_in_a_few_words() -> None:
    group = _group("state", _shift("chill", "state", direction=Direction.DOWN, level=Level.WATCH))
    assert verdict(group, "thaw") == "no recent shift"
    assert verdict(group, "chill") == "early sign: falling since about 16 February 2025"
