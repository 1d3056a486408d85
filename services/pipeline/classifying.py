"""The stage that labels what waits for a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from services.context import Context
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
    """Classify everything in the index that waits for it, batch by batch, until `stop()`."""
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
    return outcomes
