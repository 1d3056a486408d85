"""From facts to a message: a mail with text, HTML and chart, or the payload of a webhook."""

from __future__ import annotations

import json
import logging
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.alerts import gap_wording, wording
from services.alerts.channels.base import InlineImage, Message
from services.alerts.facts import AlertFacts, EvidenceArticle, Facts, GapFacts, OutletCollection
from services.alerts.payload import gap_payload, payload
from services.alerts.plain import clean, safe_url
from services.alerts.sample import sample_facts
from services.alerts.smoothing import is_weekly
from services.domain.alert import Alert, Delivery
from services.domain.series import ShareInterval

LOG = logging.getLogger(__name__)

TEMPLATES: Final = Path(__file__).with_name("templates")
MAX_ARTICLES: Final = 10
_TITLE, _PASSAGE, _SENTENCE = 240, 400, 300  # characters


def composer(
    facts_for: Callable[[Alert], Facts], page: str = ""
) -> Callable[[Delivery, Alert], Message]:
    """Return what `ledger.deliver_due` renders with: `facts_for` looks up a true alert's facts.

    A test alert stands for no shift, so its facts are made up; `page` is the page it links to.
    """

    def message(delivery: Delivery, alert: Alert) -> Message:
        facts = sample_facts(alert, page) if alert.test else facts_for(alert)
        return compose(delivery, facts)

    return message


def compose(delivery: Delivery, facts: Facts) -> Message:
    """Render what the channel of `delivery` carries."""
    if isinstance(facts, GapFacts):
        subject = gap_wording.gap_subject(facts)
        if delivery.channel == "webhook":
            return _hook(subject, gap_payload(facts, delivery.rule))
        return _gap_mail(subject, facts, delivery.rule)
    subject = wording.subject(facts)
    if delivery.channel == "webhook":
        return _hook(subject, payload(facts, delivery.rule))
    return _mail(subject, facts, delivery.rule)


def _hook(subject: str, body: dict[str, Any]) -> Message:
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return Message(subject, payload=text.encode())


def _gap_mail(subject: str, facts: GapFacts, rule: str) -> Message:
    view = {
        "subject": subject,
        "headline": gap_wording.gap_headline(facts),
        "back": gap_wording.back_words(facts),
        "rows": gap_wording.gap_rows(facts),
        "meaning": gap_wording.gap_meaning(facts),
        "outlet": facts.gap.outlet,
        "page": safe_url(facts.page),
        "unsubscribe": wording.unsubscribe_words(rule),
        "alert_id": facts.alert.id,
    }
    text, html = (
        _templates().get_template(f"gap.{form}.j2").render(view) for form in ("txt", "html")
    )
    return Message(subject, text=text, html=html)


def _mail(subject: str, facts: AlertFacts, rule: str) -> Message:
    png = _chart(facts)
    images = (InlineImage(f"chart-{facts.alert.id}@framewatch", png),) if png else ()
    view = _view(subject, facts, rule, images[0].name if images else "")
    return Message(
        subject,
        text=_templates().get_template("alert.txt.j2").render(view),
        html=_templates().get_template("alert.html.j2").render(view),
        images=images,
    )


def _chart(facts: AlertFacts) -> bytes:
    # Imported here: half a second, which only a process that sends mail should spend.
    from services.alerts.chart import chart_of, draw  # noqa: PLC0415

    caption = wording.measure_words(facts)
    chart = chart_of(facts.points, facts.shift, caption[:1].upper() + caption[1:])
    try:
        return draw(chart)
    except Exception:
        # An alert without its picture is worth more than no alert.
        LOG.exception("The chart of alert %s could not be drawn.", facts.alert.id)
        return b""


def _view(subject: str, facts: AlertFacts, rule: str, chart: str) -> dict[str, Any]:
    """What both templates read: clean plain text, addresses that are safe to follow."""
    shift = facts.shift
    return {
        "subject": subject,
        "test": facts.alert.test,
        "level": str(shift.level),
        "level_word": wording.level_word(shift.level),
        "headline": wording.headline(facts),
        "description": clean(facts.description, _SENTENCE),
        "baseline": _interval(shift.baseline),
        "current": _interval(shift.current),
        "measure": wording.measure_words(facts),
        "chart": chart,
        "chart_words": _chart_words(facts),
        "chart_legend": _chart_legend(facts),
        "onset": wording.onset_words(shift),
        "certainty": wording.certainty_words(shift),
        "next_step": wording.next_step_words(shift),
        "articles": [_article(item, facts.label_titles) for item in facts.articles[:MAX_ARTICLES]],
        "collection_words": wording.collection_words(facts.collection),
        "troubled": _troubled(facts.collection),
        "limits": wording.LIMITS,
        "page": safe_url(facts.page),
        "unsubscribe": wording.unsubscribe_words(rule),
        "series": clean(shift.series),
        "model": clean(shift.model),
        "alert_id": facts.alert.id,
    }


def _interval(interval: ShareInterval) -> dict[str, str]:
    return {
        "share": wording.percent(interval.share),
        "span": wording.span_words(interval.since, interval.until),
        "words": wording.interval_words(interval),
    }


def _article(article: EvidenceArticle, titles: Mapping[str, str]) -> dict[str, Any]:
    title, passage = clean(article.title, _TITLE), clean(article.passage, _PASSAGE)
    return {
        "title": title or "(no title)",
        "url": safe_url(article.url),
        "outlet": clean(article.outlet, 80),
        "day": wording.day_words(article.published.date()),
        "language": wording.language_name(article.language),
        "code": clean(article.language, 20),
        "labels": [wording.label_words(label, titles) for label in article.labels],
        "passage": "" if passage == title else passage,
    }


def _troubled(collection: Sequence[OutletCollection]) -> list[dict[str, str]]:
    """One line for each kind of trouble, with the outlets that had it."""
    if not wording.is_recorded(collection):
        return []
    names: dict[str, list[str]] = {}
    for item in collection:
        if item.status != "ok":
            words = clean(item.sentence, _SENTENCE) or clean(item.status, 40)
            name = clean(item.outlet, 80)
            counted = f" ({wording.count_words(item.articles, 'article')})" if item.articles else ""
            names.setdefault(words, []).append(name + counted)
    return [{"outlets": ", ".join(found), "words": words} for words, found in names.items()]


def _chart_legend(facts: AlertFacts) -> str:
    line = (
        "Line: weekly share; pale band: its 95 % interval."
        if is_weekly(facts.points)
        else "Dots: single days (days with few articles swing far, some beyond the frame). "
        "Line: share over the seven days around each day; pale band: its 95 % interval."
    )
    return (
        f"{line} Dashed: the levels before and now. The vertical line marks the likely beginning, "
        "the shaded strip how uncertain that day is."
    )


def _chart_words(facts: AlertFacts) -> str:
    """The chart for a reader who does not see it."""
    shift = facts.shift
    return (
        f"Chart of the {wording.measure_words(facts)}: {wording.percent(shift.baseline.share)} "
        f"before, {wording.percent(shift.current.share)} now, beginning about "
        f"{wording.day_words(shift.onset)}."
    )


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrap"] = _wrap
    return environment


def _wrap(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.wrap(
            text, 72, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    )
