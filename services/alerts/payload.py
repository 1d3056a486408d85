"""The body of a webhook: versioned JSON, described by webhook.schema.json beside this file."""

from __future__ import annotations

from typing import Any, Final

from services.alerts import wording
from services.alerts.facts import AlertFacts, EvidenceArticle, GapFacts, OutletCollection
from services.alerts.gap_wording import gap_headline
from services.alerts.plain import clean, safe_url
from services.domain.alert import CollectionGap
from services.domain.series import SeriesKey, ShareInterval
from services.domain.shift import Shift

VERSION: Final = 1
"""Grows when a field changes its meaning or goes; a new field does not change it."""

SHIFT_TYPE: Final = "framewatch.shift"
TEST_TYPE: Final = "framewatch.test"
COLLECTION_TYPE: Final = "framewatch.collection"
_MAX_ARTICLES: Final = 10


def payload(facts: AlertFacts, rule: str) -> dict[str, Any]:
    """Return the JSON object; a test has a type of its own so that nobody acts on it.

    `timestamp` is when the alert was raised, the same on every try.
    """
    key = SeriesKey.parse(facts.shift.series)
    return {
        "type": TEST_TYPE if facts.alert.test else SHIFT_TYPE,
        "version": VERSION,
        "timestamp": facts.alert.created.isoformat(),
        "data": {
            **shift_row(facts.shift),
            "title": wording.headline(facts),
            "label": key.label,
            "scope": key.scope,
            "about": key.about,
            "rule": clean(rule, 100),
            "page": safe_url(facts.page),
            "articles": [_article(item) for item in facts.articles[:_MAX_ARTICLES]],
            "collection": [_outlet(item) for item in facts.collection],
        },
    }


def gap_payload(facts: GapFacts, rule: str) -> dict[str, Any]:
    """Return the JSON object about a gap in the collection."""
    return {
        "type": COLLECTION_TYPE,
        "version": VERSION,
        "timestamp": facts.alert.created.isoformat(),
        "data": {
            "id": facts.alert.id,
            **gap_row(facts.gap),
            "name": clean(facts.outlet, 80),
            "group": clean(facts.group, 80),
            "title": gap_headline(facts),
            "rule": clean(rule, 100),
            "page": safe_url(facts.page),
            "back": facts.back.isoformat() if facts.back else None,
        },
    }


def gap_row(gap: CollectionGap) -> dict[str, Any]:
    """Return a gap in the collection in the form in which the shell and the API give it too."""
    return {
        "outlet": gap.outlet,
        "trouble": gap.trouble,
        "since": gap.since.isoformat(),
        "noticed": gap.noticed.isoformat(),
        "last_entry": gap.last_entry.isoformat() if gap.last_entry else None,
        "usual_a_day": round(gap.usual, 2),
        "expected": round(gap.expected, 2),
        "once_in_days": round(gap.once_in_days, 1) if gap.trouble == "silent" else None,
        "answer": clean(gap.answer, 300),
    }


def shift_row(shift: Shift) -> dict[str, Any]:
    """Return a shift in the form in which the shell and the API give it too."""
    return {
        "id": shift.id,
        "series": clean(shift.series),
        "direction": str(shift.direction),
        "level": str(shift.level),
        "arl": shift.arl,
        "alarm_date": shift.alarm_date.isoformat(),
        "first_alarm": shift.first_alarm.isoformat(),
        "onset": shift.onset.isoformat(),
        "onset_low": shift.onset_low.isoformat(),
        "onset_high": shift.onset_high.isoformat(),
        "baseline": _interval(shift.baseline),
        "current": _interval(shift.current),
        "outlets": list(shift.outlets),
        "model": clean(shift.model),
        "evidence": list(shift.evidence),
        "source": clean(shift.source),
        "seam": shift.seam.isoformat() if shift.seam else None,
    }


def _interval(interval: ShareInterval) -> dict[str, Any]:
    return {
        "share": interval.share,
        "low": interval.low,
        "high": interval.high,
        "n": interval.n,
        "from": interval.since.isoformat(),
        "to": interval.until.isoformat(),
    }


def _article(article: EvidenceArticle) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": clean(article.title, 500),
        "url": safe_url(article.url),
        "outlet": clean(article.outlet, 80),
        "language": clean(article.language, 20),
        "published": article.published.isoformat(),
        "labels": [clean(label, 80) for label in article.labels],
        "passage": clean(article.passage, 400),
    }


def _outlet(outlet: OutletCollection) -> dict[str, Any]:
    return {
        "outlet": clean(outlet.outlet, 80),
        "status": clean(outlet.status, 40),
        "articles": outlet.articles,
        "sentence": clean(outlet.sentence, 300),
    }
