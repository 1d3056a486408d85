"""Whether the parts that an installation stands on can be used: store, model, polls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from services.context import Context
from services.errors import FramewatchError
from services.queries.health import any_feed_answers
from services.queries.words import duration

LONG_AGO = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must work, and a sentence about it."""

    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """All checks; `last_poll_age` in seconds, None when no feed was ever asked."""

    status: Literal["ok", "degraded", "failed"]
    checks: Mapping[str, Check]
    last_poll_age: float | None
    articles: int | None


def process_health(context: Context) -> ProcessHealth:
    """Try what must work; never raises for a part that does not."""
    model = _model(context)
    try:
        articles = context.store.stats(context.model if model.ok else "").articles
        polls, age = _polls(context)
        store = Check(True, f"The store answers and holds {articles:,} articles.")
    except FramewatchError as error:
        failed = Check(False, str(error))
        unknown = Check(False, "Not known while the store cannot be read.")
        checks = {"store": failed, "model": model, "polls": unknown}
        return ProcessHealth("failed", checks, None, None)
    checks = {"store": store, "model": model, "polls": polls}
    status: Literal["ok", "degraded", "failed"] = "ok" if polls.ok else "degraded"
    return ProcessHealth(status if model.ok else "failed", checks, age, articles)


def _model(context: Context) -> Check:
    try:
        manifest = context.manifest
        missing = [name for name in manifest.files if not (manifest.folder / name).is_file()]
    except FramewatchError as error:
        return Check(False, str(error))
    if missing:
        return Check(False, f"The model in {manifest.folder} lacks {', '.join(missing)}.")
    return Check(True, f"Model {manifest.model_id} is in place.")


def _polls(context: Context) -> tuple[Check, float | None]:
    asked = [state.last_attempt for state in context.store.feed_states().values()]
    times = [moment for moment in asked if moment]
    if not times:
        return Check(False, "No feed has been asked yet; 'framewatch run' does that."), None
    age = max(timedelta(0), context.clock() - max(times))
    sentence = f"A feed was last asked {duration(age)} ago."
    if not any_feed_answers(context):
        return Check(False, f"{sentence} None of the feeds can be reached."), age.total_seconds()
    return Check(age <= LONG_AGO, sentence), age.total_seconds()
