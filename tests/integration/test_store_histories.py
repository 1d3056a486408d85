"""The contract of every store: whatever polls, pages and the model do, histories come out exact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.article import Article, EntryOutcome
from services.domain.identity import content_hash
from services.domain.page import PageVisit
from services.index.records import EditQuery
from services.index.store import Store
from tests.support.records import MODEL, NOW, make_article, make_prediction
from tests.support.stores import place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

_worlds = count()
_polls = st.tuples(st.just("poll"), st.sampled_from("ABC"), st.sampled_from(["x", "y"]))
_pages = st.tuples(st.just("page"), st.sampled_from(["", "One text.", "Two texts."]), st.just(""))
_model = st.just(("classify", "", ""))
_events = st.lists(
    st.tuples(st.integers(1, 2), st.one_of(_polls, _polls, _pages, _model)), max_size=25
)


@dataclass
class Expected:
    """What the store should say of one article: (title, lead, text) of each version."""

    versions: list[tuple[str, str, str]] = field(default_factory=list)

    def poll(self, title: str, lead: str) -> EntryOutcome:
        text = self.versions[-1][2] if self.versions else ""
        if self.versions and self.versions[-1] == (title, lead, text):
            return EntryOutcome.DUPLICATE
        self.versions.append((title, lead, text))
        return EntryOutcome.REVISED if len(self.versions) > 1 else EntryOutcome.NEW

    def page(self, text: str) -> EntryOutcome:
        title, lead, known = self.versions[-1]
        if text in ("", known):
            return EntryOutcome.DUPLICATE
        if not known:
            self.versions[-1] = (title, lead, text)
            return EntryOutcome.COMPLETED
        self.versions.append((title, lead, text))
        return EntryOutcome.REVISED


def classify(store: Store, ids: list[str], predicted: set[tuple[str, str]]) -> None:
    """Label everything that waits, as the classify stage does."""
    waiting = [*store.articles(store.unclassified(MODEL, 100)).values()]
    waiting += store.unclassified_versions(MODEL, 100)
    store.save_predictions([make_prediction(article) for article in waiting])
    predicted.update((a.id, a.content_hash) for a in waiting if a.id in ids)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=_events)
def test_histories_are_exact(store: Store, events: list[tuple[int, tuple[str, str, str]]]) -> None:
    world = next(_worlds)
    articles: dict[int, Article] = {}
    expected = {1: Expected(), 2: Expected()}
    predicted: set[tuple[str, str]] = set()
    for step, (number, (event, first, second)) in enumerate(events):
        now = NOW + timedelta(minutes=step)
        if event == "poll":
            title = f"{first} of {number}"
            articles[number] = make_article(
                number, outlet=f"w{world}", title=title, lead=second, collected=now
            )
            outcome = store.add_articles([articles[number]], live=True, visit_at=now)
            assert outcome == [expected[number].poll(title, second)]
        elif event == "page" and number in articles:
            article = articles[number]
            visit = PageVisit(article.id, article.outlet, article.url, None, visits=1, visited=now)
            assert store.save_page(visit, first, now=now) is expected[number].page(first)
        elif event == "classify":
            classify(store, [article.id for article in articles.values()], predicted)
    waiting = set(store.unclassified(MODEL, 1000))
    for number, article in articles.items():
        versions = expected[number].versions
        found = store.revisions(article.id)
        assert [(item.title, item.lead, item.text) for item in found] == versions
        assert [item.content_hash for item in found] == [content_hash(*item) for item in versions]
        edits = store.edits(EditQuery(MODEL, article_id=article.id)).edits
        assert [(edit.before, edit.after) for edit in reversed(edits)] == [*pairwise(found)]
        is_labelled = (article.id, content_hash(*versions[-1])) in predicted
        assert (article.id in waiting) is not is_labelled
        assert (article.id in store.predictions([article.id])) is is_labelled
