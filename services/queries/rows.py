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
from services.queries.snippets import plain_snippet

__all__ = [
    "detail_row",
    "framing_row",
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
                "labels": _labels(detail, item.content_hash),
            }
            for item in detail.revisions
        ],
    }


def _labels(detail: ArticleDetail, content_hash: str) -> list[str]:
    framing = detail.framings.get(content_hash)
    return list(framing.labels()) if framing else []


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
    """Return one point of a series; share and interval are null where n is 0.

    Of a period that was not observed, n and k are null too: it is not known to be zero.
    """
    counted = point.n > 0 or point.observed != "no"
    return {
        "day": point.day.isoformat(),
        "n": point.n if counted else None,
        "k": point.k if counted else None,
        "share": _round(point.share),
        "low": _round(point.low),
        "high": _round(point.high),
        "expected": _round(point.expected),
        "series": str(point.key),
        "source": point.source,
        "observed": point.observed,
        "outlets": point.members,
        "outlets_missing": list(point.missing),
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
        "origin": article.origin.value,
        "collected": article.collected.isoformat(),
    }


def _rounded(values: Mapping[str, float] | None) -> Json | None:
    if values is None:
        return None
    return {name: _round(value) for name, value in values.items()}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
