"""The stage that labels what waits for a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from services.context import Context
from services.domain.article import Article
from services.errors import RetryableError
from services.framing.classifier import predict

CLASSIFY_BATCH = 256


def classify(context: Context, ids: Sequence[str]) -> Counter[str]:
    """Classify these articles and store the predictions; returns counts by outcome."""
    outcomes: Counter[str] = Counter()
    articles = context.store.articles(ids)
    todo = [articles[name] for name in ids if name in articles]
    if todo:
        predictions = predict(context.classifier, todo, context.clock())
        context.store.save_predictions(predictions)
        outcomes.update(str(prediction.outcome) for prediction in predictions)
    return outcomes


def classify_waiting(
    context: Context,
    on_batch: Callable[[int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Classify everything in the index that waits for it, batch by batch, until `stop()`.

    What outlets show now comes first, then what they showed before they changed it. Returns the
    outcomes of the former.
    """
    outcomes: Counter[str] = Counter()
    while not stop() and (ids := context.store.unclassified(context.model, CLASSIFY_BATCH)):
        done = classify(context, ids)
        outcomes.update(done)
        if on_batch is not None:
            on_batch(len(ids))
        if not done:
            raise RetryableError(
                "Articles that wait for a label could not be read back from the store; "
                "run 'framewatch doctor' to check it."
            )
    classify_versions(context, stop)
    return outcomes


def classify_versions(context: Context, stop: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Classify earlier versions that wait for it, so that an edit can be judged by its labels.

    Returns counts by outcome. They are kept with the versions and count in no series.
    """
    outcomes: Counter[str] = Counter()
    done: list[Article] = []
    while not stop():
        versions = context.store.unclassified_versions(context.model, CLASSIFY_BATCH)
        if not versions:
            break
        if versions == done:
            raise RetryableError(
                "The labels of earlier versions were written and not found again; "
                "run 'framewatch doctor' to check the store."
            )
        done = versions
        predictions = predict(context.classifier, versions, context.clock())
        context.store.save_predictions(predictions)
        outcomes.update(str(prediction.outcome) for prediction in predictions)
    return outcomes
