"""Pages in turn: one of a host at a time, hosts one after another, and an end that holds."""

from __future__ import annotations

from dataclasses import dataclass

from services.domain.page import PageVisit
from services.pipeline.page_queue import PageQueue
from tests.support.records import NOW


@dataclass
class Watch:
    """A clock that is set by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def visits(*paths: str) -> list[PageVisit]:
    """Visits to "host/path"."""
    return [PageVisit(path, "rt", f"https://{path}", NOW) for path in paths]


def queue(*paths: str, over: bool = False, end: float = 100.0) -> tuple[PageQueue, Watch]:
    watch = Watch()
    return PageQueue(visits(*paths), lambda: over, end, watch), watch


def taken(waiting: PageQueue, **freed: float) -> list[str]:
    """Take everything, giving each host back at once."""
    found = []
    while (visit := waiting.take()) is not None:
        found.append(visit.article_id)
        waiting.free(visit, **freed)
    return found


def test_hosts_take_turns_and_each_keeps_its_order() -> None:
    waiting, _ = queue("a.example/1", "a.example/2", "b.example/1", "a.example/3", "b.example/2")
    assert taken(waiting) == [
        "a.example/1", "b.example/1", "a.example/2", "b.example/2", "a.example/3",
    ]  # fmt: skip


def test_what_has_no_host_waits_beside_the_others() -> None:
    waiting, _ = queue("1.2.3.999/1", "a.example/1", "[/2", "a.example/2")
    assert taken(waiting) == ["1.2.3.999/1", "a.example/1", "[/2", "a.example/2"]


def test_a_host_that_is_busy_gives_nothing_out() -> None:
    waiting, _ = queue("a.example/1", "a.example/2", "b.example/1")
    held = [waiting.take(), waiting.take()]
    assert [visit and visit.article_id for visit in held] == ["a.example/1", "b.example/1"]


def test_a_host_that_has_to_wait_lets_the_others_pass() -> None:
    waiting, watch = queue("a.example/1", "b.example/1", "b.example/2")
    first = waiting.take()
    assert first is not None
    waiting.free(first, wait=5.0, again=True)
    passed = []
    for _ in range(2):
        visit = waiting.take()
        assert visit is not None
        passed.append(visit.article_id)
        waiting.free(visit)
    watch.now = 5.0
    assert passed == ["b.example/1", "b.example/2"]
    assert taken(waiting) == ["a.example/1"]


def test_a_visit_that_was_not_made_is_the_hosts_next_one() -> None:
    waiting, _ = queue("a.example/1", "a.example/2")
    first = waiting.take()
    assert first is not None
    waiting.free(first, again=True)
    assert taken(waiting) == ["a.example/1", "a.example/2"]


def test_nobody_waits_for_a_turn_that_comes_after_the_end() -> None:
    waiting, _ = queue("a.example/1", "a.example/2", end=4.0)
    assert taken(waiting, wait=5.0) == ["a.example/1"]


def test_nothing_is_given_out_at_the_end() -> None:
    waiting, watch = queue("a.example/1")
    watch.now = 100.0
    assert waiting.take() is None


def test_nothing_is_given_out_once_it_is_over() -> None:
    waiting, _ = queue("a.example/1", over=True)
    assert waiting.take() is None


def test_an_empty_queue_gives_nothing_out() -> None:
    waiting, _ = queue()
    assert (waiting.hosts, waiting.take()) == (0, None)
