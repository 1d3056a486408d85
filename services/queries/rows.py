"""Records as plain JSON rows: what the command line prints and the API answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.alerts.payload import shift_row
from services.domain.article import Article
from services.domain.prediction import Prediction
from services.domain.series import SeriesPoint
from services.index.records import SearchHit
from services.queries.articles import ArticleDetail
from services.queries.health import OutletHealth
from services.queries.snippets import plain_snippet

__all__ = [
    "detail_row",
    "framing_row",
    "health_row",
    "hit_row",
    "point_row",
    "shift_row",  # one form for webhooks, shell and API
]

Json = dict[str, Any]
DIGITS = 4


def hit_row(hit: SearchHit) -> Json:
    """Return one search hit: the article, its snippet, and its framing or null."""
    return {
        **_article(hit.article),
        "snippet": plain_snippet(hit.snippet),
        "framing": framing_row(hit.prediction),
    }


def detail_row(detail: ArticleDetail) -> Json:
    """Return one article in full, with every version, oldest first."""
    article = detail.article
    return {
        **_article(article),
        "snippet": "",
        "framing": framing_row(detail.prediction),
        "text": article.text,
        "author": article.author,
        "section": article.section,
        "revisions": [
            {
                "content_hash": item.content_hash,
                "collected": item.collected.isoformat(),
                "title": item.title,
                "lead": item.lead,
                "text": item.text,
            }
            for item in detail.revisions
        ],
    }


def framing_row(prediction: Prediction | None) -> Json | None:
    """Return what the model says; null when it was not asked yet."""
    if prediction is None:
        return None
    return {
        "outcome": prediction.outcome.value,
        "model": prediction.model,
        "us": prediction.us,
        "us_p": _rounded(prediction.us_p),
        "relations": prediction.relations,
        "relations_p": _rounded(prediction.relations_p),
        "frames": list(prediction.frames),
        "frames_p": _rounded(prediction.frames_p),
        "evidence": [
            {
                "text": passage.text,
                "start": passage.start,
                "end": passage.end,
                "labels": _rounded(passage.labels),
            }
            for passage in prediction.evidence
        ],
    }


def point_row(point: SeriesPoint) -> Json:
    """Return one point of a series; share and interval are null where n is 0."""
    return {
        "day": point.day.isoformat(),
        "n": point.n,
        "k": point.k,
        "share": _round(point.share),
        "low": _round(point.low),
        "high": _round(point.high),
        "expected": _round(point.expected),
        "series": str(point.key),
        "source": point.source,
    }


def health_row(health: OutletHealth) -> Json:
    """Return one outlet of the catalogue with the health of its feed."""
    outlet, state = health.outlet, health.state
    last = health.last_day
    times = {
        name: moment.isoformat() if state and (moment := getattr(state, name)) else None
        for name in ("last_attempt", "last_success", "next_poll")
    }
    return {
        "id": outlet.id,
        "name": outlet.name,
        "group": outlet.group.value,
        "language": outlet.language,
        "feed": outlet.feed,
        "reason": outlet.reason,
        "source": outlet.source,
        "certainty": outlet.certainty.value,
        "enabled": outlet.enabled,
        "status": health.status,
        "sentence": health.sentence,
        "articles": health.articles,
        "last_day": last.isoformat() if last else None,
        **times,
        "failures": state.failures if state else 0,
    }


def _article(article: Article) -> Json:
    return {
        "id": article.id,
        "outlet": article.outlet,
        "url": article.url,
        "title": article.title,
        "lead": article.lead,
        "language": article.language,
        "published": article.published.isoformat(),
        "date_quality": article.date_quality.value,
        "collected": article.collected.isoformat(),
    }


def _rounded(values: Mapping[str, float] | None) -> Json | None:
    if values is None:
        return None
    return {name: _round(value) for name, value in values.items()}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
