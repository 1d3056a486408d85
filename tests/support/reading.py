"""An installation to read from: a real store in a folder, filled with records that a test chose.

It stands on no trained model: what the model would say is written straight into the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx

from services import pipeline
from services.api.app import create_app
from services.context import Clock, Context
from services.domain.article import Article
from services.domain.prediction import Prediction
from services.domain.series import DayCounts
from services.framing.manifest import Manifest, file_digest
from services.index.opening import open_store
from services.outlets.catalogue import load_catalogue
from services.run import listen, served
from services.settings import load_settings
from services.shifts.reference import Reference, ReferenceSource
from tests.support.records import (
    MODEL,
    NOW,
    make_article,
    make_day_counts,
    make_prediction,
)

REFERENCE_SOURCE = "RT sample"


@contextmanager
def installation(
    folder: Path, *, clock: Clock = lambda: NOW, reference: Reference | None = None
) -> Iterator[Context]:
    """Open a context on a store in `folder`, with a model that only has a name."""
    settings = load_settings(data=folder / "data")
    context = Context(settings, open_store(settings.store_path), load_catalogue(), clock=clock)
    context.__dict__["manifest"] = make_manifest(folder / "model")
    context.__dict__["reference"] = reference or Reference("", (), ())
    try:
        yield context
    finally:
        context.close()


@contextmanager
def browser(context: Context, app: object = None) -> Iterator[httpx.Client]:
    """Serve the installation as the product does and yield a client of it."""
    sock = listen("127.0.0.1", 0)
    with (
        served(app or create_app(context), sock) as address,  # type: ignore[arg-type]
        httpx.Client(base_url=address, timeout=30, trust_env=False) as client,
    ):
        yield client


def make_manifest(folder: Path) -> Manifest:
    """Return the manifest of a model whose only file is a stand-in that passes its checksum."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(b"stand-in")
    return Manifest(
        folder=folder,
        model_id=MODEL,
        base_model="none",
        licence="none",
        languages=frozenset({"en", "ru"}),
        seed=0,
        data_digest="",
        max_tokens=64,
        calibration={},
        scores={},
        files={"model.onnx": file_digest(folder / "model.onnx")},
    )


def store_articles(
    context: Context, articles: Sequence[Article], predictions: Sequence[Prediction]
) -> None:
    """Write articles with their predictions and bring the counts up to date."""
    context.store.add_articles(articles)
    context.store.save_predictions(predictions)
    pipeline.count(context)


def store_days(
    context: Context,
    first: date,
    days: int,
    *,
    outlet: str = "rt",
    a_day: int = 6,
    relations: str = "confrontation",
    us: str = "hostile",
    start: int = 1,
) -> list[Article]:
    """Store `a_day` articles with the same labels on each of `days` days; return them."""
    articles = [
        make_article(start + step * a_day + number, outlet=outlet, day=first + timedelta(days=step))
        for step in range(days)
        for number in range(a_day)
    ]
    predictions = [make_prediction(item, us=us, relations=relations) for item in articles]
    store_articles(context, articles, predictions)
    return articles


def make_reference(
    first: date, days: int, shares: dict[str, float], *, outlet: str = "rt", model: str = MODEL
) -> Reference:
    """Return a reference history of one outlet with the same shares every day."""
    rows: list[DayCounts] = [
        make_day_counts(
            first + timedelta(days=step),
            scope=f"outlet:{outlet}",
            about=about,
            shares=shares,
            model=model,
            outlets=(outlet,),
            source=REFERENCE_SOURCE,
        )
        for step in range(days)
        for about in ("all", "us")
    ]
    last = first + timedelta(days=days - 1)
    source = ReferenceSource(outlet, REFERENCE_SOURCE, first, last, 20 * days, sampled=True)
    return Reference(model, (source,), tuple(rows))
