"""Politeness towards hosts, on a clock of our own."""

from __future__ import annotations

import threading

import pytest

from services.collect.http.gate import LONGEST_PAUSE, HostGate, NoTurnError
from services.errors import RetryableError

URL = "https://news.example/a"
PAUSE = 5.0


class Clock:
    """Time that passes only when somebody sleeps; remembers for how long they did."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def open_gate(clock: Clock, pause: float = PAUSE) -> HostGate:
    return HostGate(pause, clock=clock, sleep=clock.sleep)


def fill(gate: HostGate) -> None:
    """Have other threads begin as many requests as may run now, and end none."""
    for _ in range(2):
        other = threading.Thread(target=gate.try_enter, args=(URL,))
        other.start()
        other.join()


def enter_elsewhere(gate: HostGate) -> float:
    """Have another thread try to begin a request; returns what it was told."""
    told: list[float] = []
    other = threading.Thread(target=lambda: told.append(gate.try_enter(URL)))
    other.start()
    other.join()
    return told[0]


# Trying


def test_the_first_request_to_a_host_begins_at_once(clock: Clock) -> None:
    assert open_gate(clock).try_enter(URL) == 0.0


def test_the_second_has_to_wait_for_the_pause_even_when_the_first_is_over(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    gate.leave(URL)
    clock.now += 2
    assert gate.try_enter(URL) == pytest.approx(PAUSE - 2)


def test_after_the_pause_a_second_runs_beside_the_first(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    clock.now += PAUSE
    assert gate.try_enter(URL) == 0.0


def test_a_third_waits_until_one_of_two_is_over(clock: Clock) -> None:
    gate = open_gate(clock)
    for _ in range(2):
        gate.try_enter(URL)
        clock.now += PAUSE
    assert gate.try_enter(URL) > 0.0
    gate.leave(URL)
    assert gate.try_enter(URL) == 0.0


def test_a_full_host_without_a_pause_says_to_wait_a_little(clock: Clock) -> None:
    gate = open_gate(clock, pause=0)
    assert [gate.try_enter(URL), gate.try_enter(URL)] == [0.0, 0.0]
    assert 0 < gate.try_enter(URL) < 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://news.example/a", "http://NEWS.example./b?c", True),
        ("https://news.example:443/", "http://news.example:80/", True),
        ("http://user:secret@news.example/", "http://news.example/", True),
        ("http://news.example/", "http://news.example:8080/", False),
        ("http://news.example/", "http://www.news.example/", False),
        ("http://[::1]:8080/", "http://[::1]:8081/", False),
    ],
)
def test_a_host_is_a_name_and_a_port(clock: Clock, one: str, other: str, *, same: bool) -> None:
    gate = open_gate(clock)
    gate.try_enter(one)
    assert (gate.try_enter(other) > 0) is same


def test_a_site_may_ask_for_a_longer_pause(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    assert gate.try_enter(URL, pause=20.0) == pytest.approx(20)


def test_a_site_cannot_ask_for_a_shorter_pause(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    assert gate.try_enter(URL, pause=0.1) == pytest.approx(PAUSE)


def test_a_site_cannot_ask_for_a_pause_without_end(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    assert gate.try_enter(URL, pause=1e9) == pytest.approx(LONGEST_PAUSE)


def test_leaving_without_having_entered_is_an_error(clock: Clock) -> None:
    with pytest.raises(ValueError, match=r"news\.example"):
        open_gate(clock).leave(URL)


def test_quiet_hosts_are_forgotten(clock: Clock) -> None:
    gate = open_gate(clock)
    for n in range(10_000):
        url = f"http://h{n}.example/"
        gate.try_enter(url)
        gate.leave(url)
        clock.now += 1
    assert len(gate) < 1_000


def test_hosts_with_a_request_under_way_are_not_forgotten(clock: Clock) -> None:
    gate = open_gate(clock)
    tried = [enter_elsewhere(gate)]
    for n in range(1_000):
        gate.try_enter(f"http://h{n}.example/")
        gate.leave(f"http://h{n}.example/")
        clock.now += 1
    for _ in range(2):
        tried.append(enter_elsewhere(gate))
        clock.now += PAUSE
    assert tried[:2] == [0.0, 0.0]
    assert tried[2] > 0  # two are under way, one of them since long ago


def test_a_request_outside_of_turns_is_waited_for_by_the_next(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.note(URL)
    clock.now += 2
    assert gate.try_enter(URL) == pytest.approx(PAUSE - 2)


def test_a_request_outside_of_turns_ends_nobodys_turn(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    gate.note(URL)
    gate.leave(URL)
    with pytest.raises(ValueError, match="under way"):
        gate.leave(URL)


# Taking turns


def test_a_turn_waits_for_the_pause(clock: Clock) -> None:
    gate = open_gate(clock)
    with gate.turn(URL):
        pass
    with gate.turn(URL):
        assert sum(clock.slept) == pytest.approx(PAUSE)


def test_a_turn_ends_when_its_body_fails(clock: Clock) -> None:
    gate = open_gate(clock, pause=0)
    for _ in range(5):
        with pytest.raises(RuntimeError), gate.turn(URL):
            raise RuntimeError


def test_a_turn_that_would_come_too_late_is_not_waited_for(clock: Clock) -> None:
    gate = open_gate(clock)
    with gate.turn(URL):
        pass
    with pytest.raises(NoTurnError, match="within 3 seconds"), gate.turn(URL, longest=3):
        pass
    assert clock.slept == []


def test_a_full_host_is_waited_for_no_longer_than_asked(clock: Clock) -> None:
    gate = open_gate(clock, pause=0)
    fill(gate)
    with pytest.raises(NoTurnError), gate.turn(URL, longest=3):
        pass
    assert sum(clock.slept) == pytest.approx(3, abs=0.1)


def test_a_stop_ends_the_wait(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    with (
        pytest.raises(NoTurnError, match="stopped"),
        gate.turn(URL, stop=lambda: clock.now >= 1_001),
    ):
        pass
    assert sum(clock.slept) == pytest.approx(1, abs=0.3)


def test_no_turn_is_worth_another_try(clock: Clock) -> None:
    with pytest.raises(RetryableError), open_gate(clock).turn(URL, stop=lambda: True):
        pass


def test_a_turn_inside_a_turn_of_the_same_thread_waits_for_the_pause_alone(clock: Clock) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    with gate.turn(URL):
        begun = clock.now
        with gate.turn(URL, longest=60):
            assert clock.now - begun == pytest.approx(PAUSE)


def test_a_turn_inside_a_request_that_was_let_begin_does_not_wait_for_its_end(
    clock: Clock,
) -> None:
    gate = open_gate(clock)
    gate.try_enter(URL)
    clock.now += PAUSE
    fill(gate)
    with gate.turn(URL, longest=60):
        assert sum(clock.slept) == pytest.approx(PAUSE)
    gate.leave(URL)


def test_threads_never_have_more_than_two_turns_at_once() -> None:
    gate = HostGate(0)
    inside, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with gate.turn(URL):
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most <= 2) == (0, True)
