"""Made-up facts for a test alert: a test shows the whole message, not only that one arrives."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Final

from services.alerts.facts import AlertFacts, EvidenceArticle, OutletCollection
from services.domain.alert import Alert
from services.domain.series import SeriesKey, SeriesPoint, ShareInterval
from services.domain.shift import Direction, Level, Shift

_KEY: Final = SeriesKey("relations=detente", "group:state", "us")
_DAYS, _SINCE_ONSET, _ARTICLES_A_DAY = 60, 14, 40


def sample_facts(alert: Alert, page: str = "") -> AlertFacts:
    """Return facts for the test alert `alert`, dated to the days before it was raised."""
    today = alert.created.date()
    onset = today - timedelta(days=_SINCE_ONSET)
    shift = Shift(
        id=alert.id,
        series=str(_KEY),
        direction=Direction.UP,
        level=Level.ALERT,
        arl=Level.ALERT.arl,
        alarm_date=today - timedelta(days=4),
        first_alarm=today - timedelta(days=8),
        onset=onset,
        onset_low=onset - timedelta(days=3),
        onset_high=onset + timedelta(days=2),
        baseline=ShareInterval(
            0.1, 0.084, 0.119, 1120, onset - timedelta(days=28), onset - timedelta(days=1)
        ),
        current=ShareInterval(0.25, 0.216, 0.288, 560, onset, today - timedelta(days=1)),
        outlets=("example-outlet-one", "example-outlet-two"),
        model="made up for this test",
        evidence=("example-article",),
    )
    return AlertFacts(
        alert=alert,
        shift=shift,
        label_title="Détente",
        scope_title="state outlets",
        description="The two sides talk, agree or trade. (Test: nothing of this was measured.)",
        articles=_articles(alert.created),
        points=_points(today, onset),
        collection=(
            OutletCollection("Example outlet one", "ok", 460),
            OutletCollection(
                "Example outlet two", "silent", 100, "Made up: published nothing for three days."
            ),
        ),
        page=page,
        label_titles={"relations=detente": "Détente", "frame=dialogue": "Dialogue with the US"},
    )


def _articles(now: datetime) -> tuple[EvidenceArticle, ...]:
    return (
        EvidenceArticle(
            id="example-article",
            title="Made-up headline of the test: talks go on",
            url="https://example.org/test",
            outlet="Example outlet one",
            language="en",
            published=now - timedelta(days=2),
            labels=("relations=detente", "frame=dialogue"),
            passage="A made-up sentence stands where the strongest passage of an article would.",
        ),
        EvidenceArticle(
            id="example-article-ru",
            title="Придуманный заголовок для проверки: переговоры продолжаются",
            url="https://example.org/test-ru",
            outlet="Example outlet two",
            language="ru",
            published=now - timedelta(days=3),
            labels=("relations=detente",),
        ),
    )


def _points(today: date, onset: date) -> tuple[SeriesPoint, ...]:
    points = []
    for back in range(_DAYS, 0, -1):
        day = today - timedelta(days=back)
        level = 0.25 if day >= onset else 0.10
        k = round(_ARTICLES_A_DAY * (level + 0.03 * math.sin(back * 1.7)))
        share = k / _ARTICLES_A_DAY
        half = 1.96 * math.sqrt(share * (1 - share) / _ARTICLES_A_DAY)
        points.append(
            SeriesPoint(
                _KEY, day, _ARTICLES_A_DAY, k, float(k), share, max(0.0, share - half), share + half
            )
        )
    return tuple(points)
