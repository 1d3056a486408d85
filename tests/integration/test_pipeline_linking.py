"""Linking copies as a stage: whatever the order, and whatever is interrupted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from services.context import Context, open_context
from services.domain.article import Article
from services.errors import RetryableError
from services.index.store import Store
from services.pipeline import link_copies, linking
from services.settings import load_settings
from tests.support.records import NOW, make_article, revise

TITLE = "Delegations of both countries leave the talks at the lake without a joint statement"
LEAD = "The envoys spoke for six hours behind closed doors and will not meet again this spring."


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with open_context(load_settings(data=tmp_path), clock=lambda: NOW) as opened:
        yield opened


def _copy(outlet: str, hours: float = 0.0, **fields: object) -> Article:
    fields = {"title": TITLE, "lead": LEAD, **fields}
    return make_article(1, outlet=outlet, published=NOW + timedelta(hours=hours), **fields)  # type: ignore[arg-type]


def _clusters(store: Store, articles: Sequence[Article]) -> dict[str, list[str]]:
    found = store.copies([article.id for article in articles])
    names = {article.id: article.outlet for article in articles}
    return {names[name]: [copy.outlet for copy in copies] for name, copies in found.items()}


def test_copies_are_one_cluster_with_the_first_publisher_in_front(context: Context) -> None:
    articles = [_copy("rt", 3), _copy("tass"), _copy("duran", 5, title=f"{TITLE} - Duran")]
    context.store.add_articles(articles)
    assert link_copies(context) == 3
    order = ["tass", "rt", "duran"]
    assert _clusters(context.store, articles) == dict.fromkeys(("rt", "tass", "duran"), order)


def test_one_outlet_s_own_articles_are_no_copies_of_each_other(context: Context) -> None:
    one = _copy("rt")
    two = _copy("rt", 100, url="https://rt.example/news/again")
    context.store.add_articles([one, two])
    link_copies(context)
    assert context.store.copies([one.id, two.id]) == {}


def test_what_was_linked_is_not_compared_again(context: Context) -> None:
    context.store.add_articles([_copy("rt"), _copy("tass")])
    assert (link_copies(context), link_copies(context)) == (2, 0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_arrival_does_not_matter(context: Context, order: tuple[int, ...]) -> None:
    articles = [_copy("rt", 3), _copy("tass"), _copy("duran", 5)]
    for place in order:
        context.store.add_articles([articles[place]])
        link_copies(context)
    assert _clusters(context.store, articles)["duran"] == ["tass", "rt", "duran"]


def test_batches_do_not_hide_copies_from_each_other(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "LINK_BATCH", 2)
    others = [
        make_article(number, outlet="rt", title=f"Quite another subject of day {number} entirely")
        for number in range(2, 7)
    ]
    articles = [_copy("tass", -1), *others, _copy("duran", 1)]
    context.store.add_articles(articles)
    batches: list[int] = []
    assert link_copies(context, on_batch=batches.append) == sum(batches) == 7
    assert set(_clusters(context.store, articles)) == {"tass", "duran"}


def test_an_edit_is_compared_again(context: Context) -> None:
    mine = _copy("rt", title="Something else was said here at first about the snow", lead="Snow.")
    theirs = _copy("tass", 1)
    context.store.add_articles([mine, theirs])
    link_copies(context)
    assert context.store.copies([mine.id]) == {}
    context.store.add_articles([revise(mine, title=TITLE, lead=LEAD)], live=True)
    assert link_copies(context) == 1
    assert [copy.outlet for copy in context.store.copies([mine.id])[mine.id]] == ["rt", "tass"]


@pytest.mark.parametrize("batch", [1, 256])
def test_a_copy_that_is_rewritten_is_no_copy_any_more(
    context: Context, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(linking, "LINK_BATCH", batch)
    articles = [_copy("rt"), _copy("tass", 1), _copy("duran", 2)]
    context.store.add_articles(articles)
    link_copies(context)
    other = {"title": "Something else was said here later about the snow", "lead": "Snow."}
    context.store.add_articles([revise(articles[0], **other)], live=True)
    assert set(_clusters(context.store, articles)) == {"rt", "tass", "duran"}
    assert link_copies(context) == 1
    assert set(_clusters(context.store, articles)) == {"tass", "duran"}


def test_an_article_revised_while_linking_is_compared_with_its_new_words(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "LINK_BATCH", 1)
    early, late = _copy("rt"), _copy("tass", 1)
    context.store.add_articles([late])
    changed = revise(late, title="Something else was said here later about the snow", lead="Snow.")
    seen: list[dict[str, list[str]]] = []

    def change(_: int) -> None:
        if not seen:
            context.store.add_articles([early, changed], live=True)
        seen.append(_clusters(context.store, [early, late]))

    link_copies(context, on_batch=change)
    assert seen == [{}, {}, {}]


def test_words_that_an_outlet_puts_on_everything_tell_nothing(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "MOST_HOLDERS", 4)
    judged: list[object] = []
    monkeypatch.setattr(linking, "is_copy", lambda *pair: judged.append(pair))
    titles = [" ".join(f"{word}{n}" for word in TITLE.split()) for n in range(40)]
    context.store.add_articles(
        [
            make_article(n, outlet=f"o{n % 5}", title=title, lead=LEAD * 2)
            for n, title in enumerate(titles)
        ]
    )
    assert link_copies(context) == 40
    assert len(judged) <= 4 * 5 // 2


def test_an_outlet_s_own_articles_are_not_even_compared(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[object] = []
    monkeypatch.setattr(linking, "is_copy", lambda *pair: judged.append(pair))
    context.store.add_articles(
        [
            _copy("rt", 10, title=f"{TITLE} {n}", url=f"https://rt.example/news/{n}")
            for n in range(9)
        ]
    )
    assert (link_copies(context), judged) == (9, [])


def test_a_crash_before_a_batch_is_saved_loses_nothing(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [_copy("rt"), _copy("tass")]
    context.store.add_articles(articles)

    def crash(*_: object) -> None:
        raise RetryableError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(context.store, "save_signatures", crash)
        with pytest.raises(RetryableError):
            link_copies(context)
    link_copies(context)
    assert set(_clusters(context.store, articles)) == {"rt", "tass"}


def test_two_processes_do_not_link_at_the_same_time(context: Context) -> None:
    context.store.add_articles([_copy("rt"), _copy("tass")])
    with context.store.lock(linking.LINK_LOCK) as held:
        assert held
        assert link_copies(context) == 0
    assert link_copies(context) == 2


def test_a_stop_ends_at_a_batch(context: Context) -> None:
    context.store.add_articles([_copy("rt"), _copy("tass")])
    assert link_copies(context, stop=lambda: True) == 0


def test_a_stop_inside_a_batch_keeps_what_was_compared(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "PIECE", 1)
    articles = [_copy("rt"), _copy("tass", 1), _copy("duran", 2)]
    context.store.add_articles(articles)
    looks = iter([False, False, True, True])
    assert link_copies(context, stop=lambda: next(looks)) == 2
    assert set(_clusters(context.store, articles)) == {"rt", "tass"}
    assert link_copies(context) == 1
    assert set(_clusters(context.store, articles)) == {"rt", "tass", "duran"}
