"""Articles: from the words of a user to a query of the store, and one article in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.context import Context
from services.domain.article import Article, Origin, Revision
from services.domain.prediction import FramingOutcome, Prediction
from services.errors import UsageError
from services.index.records import SearchQuery
from services.queries.names import (
    Names,
    check_days,
    day,
    label_names,
    many,
    outlet_ids,
)

MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class ArticleDetail:
    """One article with its newest prediction and every version, oldest first.

    `framings` is what the active model says about each version, by content hash.
    """

    article: Article
    prediction: Prediction | None
    revisions: tuple[Revision, ...]
    framings: Mapping[str, Prediction]


def search_request(
    context: Context,
    *,
    text: str = "",
    outlet: Names = (),
    group: Names = (),
    us: Names = (),
    relations: Names = (),
    frame: Names = (),
    language: Names = (),
    outcome: str = "",
    origin: str = "",
    since: date | str | None = None,
    until: date | str | None = None,
    limit: int = 20,
    cursor: str = "",
) -> SearchQuery:
    """Return the store's query for these names; UsageError lists what is valid instead."""
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(f"'limit' is {limit}, but must be between 1 and {MAX_LIMIT}.")
    outcomes = [item.value for item in FramingOutcome]
    if outcome and outcome not in outcomes:
        raise UsageError(f"There is no outcome {outcome!r}. There are: {', '.join(outcomes)}.")
    origins = [item.value for item in Origin]
    if origin and origin not in origins:
        raise UsageError(f"There is no origin {origin!r}. There are: {', '.join(origins)}.")
    first, last = day(since, "since"), day(until, "until")
    check_days(first, last)
    return SearchQuery(
        text=text.strip(),
        outlets=outlet_ids(context, outlet, group),
        languages=tuple(name.lower() for name in many(language)),
        us=label_names(us, "us"),
        relations=label_names(relations, "relations"),
        frames=label_names(frame, "frame"),
        outcome=outcome,
        origin=origin,
        since=first,
        until=last,
        limit=limit,
        cursor=cursor,
    )


def article_detail(context: Context, article_id: str) -> ArticleDetail | None:
    """Return one article in full, or None when the store has none of that id."""
    article = context.store.articles((article_id,)).get(article_id)
    if article is None:
        return None
    prediction = context.store.predictions((article_id,)).get(article_id)
    framings = context.store.version_predictions(article_id, context.model)
    revisions = tuple(context.store.revisions(article_id))
    return ArticleDetail(article, prediction, revisions, framings)
