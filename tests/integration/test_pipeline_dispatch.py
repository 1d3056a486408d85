"""Work on many hosts side by side: in turns, in order, never two at one host too soon."""

from __future__ import annotations

import threading
import time
from collections import Counter
from itertools import pairwise

import pytest

from services.collect.http.gate import HostGate
from services.pipeline.dispatch import HostQueue, side_by_side


def urls(hosts: int, each: int) -> list[tuple[str, str]]:
    """`each` items for each host; those of the first host stand first."""
    return [
        (f"http://host-{host}.example/{n}", f"{host}/{n}")
        for host in range(hosts)
        for n in range(each)
    ]


def never() -> bool:
    return False


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_every_item_is_worked_on_once() -> None:
    done = side_by_side(urls(7, 5), lambda item, _: item, gate=HostGate(0), threads=16)
    assert sorted(done) == sorted(item for _, item in urls(7, 5))


def test_an_item_without_a_host_is_worked_on_like_the_others() -> None:
    items = [("https://1.2.3.999/a", "bad"), *urls(2, 2), ("http://[", "worse")]
    done = side_by_side(items, lambda item, _: item, gate=HostGate(0), threads=2)
    assert sorted(done) == sorted(item for _, item in items)


def test_no_host_is_asked_more_than_twice_at_once() -> None:
    lock, under_way, most = threading.Lock(), Counter[str](), Counter[str]()

    def work(item: str, _: object) -> str:
        host = item.partition("/")[0]
        with lock:
            under_way[host] += 1
            most[host] = max(most[host], under_way[host])
        time.sleep(0.005)
        with lock:
            under_way[host] -= 1
        return item

    assert len(side_by_side(urls(3, 12), work, gate=HostGate(0), threads=16)) == 36
    assert max(most.values()) <= 2


def test_the_pause_between_two_requests_to_a_host_is_kept() -> None:
    starts: dict[str, list[float]] = {"0": [], "1": []}

    def work(item: str, _: object) -> str:
        starts[item.partition("/")[0]].append(time.monotonic())
        return item

    side_by_side(urls(2, 4), work, gate=HostGate(0.1), threads=8)
    for times in starts.values():
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert min(gaps) > 0.09


def test_a_slow_host_does_not_hold_up_the_others() -> None:
    others_done = threading.Event()
    left = Counter({"others": 10})

    def work(item: str, _: object) -> str:
        if item.startswith("0/"):
            assert others_done.wait(20)
        else:
            left["others"] -= 1
            if not left["others"]:
                others_done.set()
        return item

    assert len(side_by_side(urls(11, 1), work, gate=HostGate(0), threads=2)) == 11


def test_a_host_that_is_free_again_is_asked_at_once() -> None:
    # Two at a time with no pause: waiting for the gate's next look would take seconds.
    started = time.monotonic()
    side_by_side(urls(1, 400), lambda item, _: item, gate=HostGate(0), threads=8)
    assert time.monotonic() - started < 5


def test_the_first_items_come_first_and_hosts_take_turns() -> None:
    clock = Clock()
    gate = HostGate(5.0, clock=clock)
    queue = HostQueue(urls(2, 2), gate, never, clock)
    assert [taken[1] for _ in range(2) if (taken := queue.take())] == ["0/0", "1/0"]
    clock.now += 5.0
    assert [taken[1] for _ in range(2) if (taken := queue.take())] == ["0/1", "1/1"]
    assert queue.take() is None


def test_a_thread_that_will_not_be_needed_is_let_go() -> None:
    gate = HostGate(5.0)
    queue = HostQueue(urls(1, 2), gate, never)
    assert queue.take() is not None
    waiting = threading.Thread(target=queue.take, daemon=True)
    waiting.start()
    while waiting.is_alive() and queue._idle == 0:
        time.sleep(0.001)
    assert queue.take() is None  # one item, and one thread waits for it


@pytest.mark.parametrize("which", ["stop", "enough"])
def test_nothing_is_begun_after_a_stop(which: str) -> None:
    done: list[str] = []

    def work(item: str, _: object) -> str:
        done.append(item)
        return item

    ends = {which: lambda: len(done) >= 3}
    side_by_side(urls(50, 1), work, gate=HostGate(0), threads=1, **ends)
    assert len(done) == 3


def test_what_hangs_is_left_behind_after_a_stop_and_told_so() -> None:
    hangs, told, stop = threading.Event(), threading.Event(), threading.Event()

    def work(item: str, given_up: object) -> str:
        stop.set()
        hangs.wait(30)
        assert callable(given_up)
        if given_up():
            told.set()
        return item

    started = time.monotonic()
    assert side_by_side(urls(1, 1), work, gate=HostGate(0), threads=1, stop=stop.is_set) == []
    assert time.monotonic() - started < 10
    hangs.set()
    assert told.wait(10)


def test_what_is_under_way_is_waited_for_when_it_is_enough() -> None:
    begun = threading.Event()

    def work(item: str, _: object) -> str:
        begun.set()
        time.sleep(0.3)
        return item

    done = side_by_side(urls(1, 1), work, gate=HostGate(0), threads=1, enough=begun.is_set)
    assert done == ["0/0"]
