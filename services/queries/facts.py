"""The facts that an alert tells, looked up once for mail and webhook."""

from __future__ import annotations

from datetime import date, timedelta

from services.alerts.facts import AlertFacts, EvidenceArticle, OutletCollection
from services.context import Context
from services.domain.alert import Alert
from services.domain.prediction import Prediction
from services.domain.series import SCOPE_ALL, SeriesKey, SeriesPoint
from services.domain.shift import Shift
from services.errors import PermanentError
from services.index.records import DayCollection
from services.queries.buckets import gather, points
from services.queries.health import OutletHealth, outlet_health
from services.queries.history import collected, reference, within
from services.queries.names import SIGNAL
from services.queries.series import labels_of
from services.queries.shifts import find_shift
from services.queries.words import label_title, scope_title

CHART_BEFORE = timedelta(days=28)


def alert_facts(context: Context, alert: Alert) -> AlertFacts:
    """Return what there is to tell about `alert`.

    Raises PermanentError when its shift is no longer in the store.
    """
    shift = find_shift(context, alert.shift_id)
    if shift is None:
        raise PermanentError(
            f"Alert {alert.id} is about shift {alert.shift_id}, which the store does not hold."
        )
    key = SeriesKey.parse(shift.series)
    return AlertFacts(
        alert=alert,
        shift=shift,
        label_title=label_title(context, key.label),
        scope_title=scope_title(context, key.scope),
        description=_description(context, key.label),
        articles=_articles(context, shift),
        points=_points(context, key, shift),
        collection=_collection(context, key.scope, shift.baseline.since, shift.alarm_date),
        label_titles={name: item.en for name, item in context.codebook.labels.items()},
        page=_page(context, f"shifts/{shift.id}"),
    )


def _points(context: Context, key: SeriesKey, shift: Shift) -> tuple[SeriesPoint, ...]:
    since, until = shift.baseline.since - CHART_BEFORE, shift.alarm_date
    own = collected(context, (key.scope,), key.about, since, until)[key.scope]
    days = {row.day for row in own}
    past = within(reference(context, key.about).get(key.scope, ()), since, until)
    rows = sorted([*own, *(row for row in past if row.day not in days)], key=lambda row: row.day)
    return tuple(points(gather(rows, "day"), key, labels_of(context, key.label)))


def _articles(context: Context, shift: Shift) -> tuple[EvidenceArticle, ...]:
    articles = context.store.articles(shift.evidence)
    predictions = context.store.predictions(shift.evidence)
    found = []
    for name in shift.evidence:
        article, prediction = articles.get(name), predictions.get(name)
        if article is None:
            continue
        found.append(
            EvidenceArticle(
                id=article.id,
                title=article.title,
                url=article.url,
                outlet=scope_title(context, f"outlet:{article.outlet}"),
                language=article.language,
                published=article.published,
                labels=prediction.labels() if prediction else (),
                passage=_passage(prediction),
            )
        )
    return tuple(found)


def _passage(prediction: Prediction | None) -> str:
    """The strongest passage of the text; the headline is shown anyway."""
    if prediction is None:
        return ""
    return next((item.text for item in prediction.evidence if item.start >= 0), "")


def _collection(
    context: Context, scope: str, since: date, until: date
) -> tuple[OutletCollection, ...]:
    days = context.store.collection(since, until)
    return tuple(
        _outlet(item, [row for row in days if row.outlet == item.outlet.id], since, until)
        for item in outlet_health(context)
        if item.outlet.enabled and _belongs(item, scope)
    )


def _belongs(item: OutletHealth, scope: str) -> bool:
    kind, _, name = scope.partition(":")
    if scope == SCOPE_ALL:
        return True
    return name == (item.outlet.group.value if kind == "group" else item.outlet.id)


def _outlet(
    item: OutletHealth, days: list[DayCollection], since: date, until: date
) -> OutletCollection:
    new = sum(row.outcomes.get("new", 0) for row in days)
    answered = sum(row.polls_ok for row in days)
    failed = sum(row.polls_failed for row in days)
    if not answered and not failed:
        return OutletCollection(item.outlet.name, "never polled", new, "Not asked in this time.")
    bad = [row.day for row in days if not row.polls_ok]
    if not answered:
        return OutletCollection(item.outlet.name, "failing", new, item.sentence)
    if bad:
        span = f"on {len(bad)} of {(until - since).days + 1} days"
        return OutletCollection(
            item.outlet.name, "failing", new, f"Its feed did not answer {span}."
        )
    if not new:
        return OutletCollection(
            item.outlet.name, "silent", new, "The feed answered, but brought nothing new."
        )
    return OutletCollection(item.outlet.name, "ok", new)


def _description(context: Context, label: str) -> str:
    if label.startswith(SIGNAL):
        names = [label_title(context, item) for item in labels_of(context, label)]
        return f"The signal watches several labels as one: {', '.join(names)}."
    return context.codebook.labels[label].description


def _page(context: Context, path: str) -> str:
    root = context.settings.public_url.rstrip("/")
    return f"{root}/{path}" if root else ""
