"""Templates: one environment that escapes everything, and the words that they share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as TemplateContext

from services.domain.series import SeriesKey, is_backfilled, is_own
from services.queries import words
from services.queries.headline import verdict
from services.queries.health import gap_words
from services.queries.health_rows import tallied
from services.queries.snippets import evidence_parts, plain_snippet, snippet_parts

HERE = Path(__file__).parent


def render(name: str, request: Request, **values: Any) -> HTMLResponse:
    """Return the page that the template `name` makes of `values`."""
    template = environment().get_template(name)
    html = template.render(path=request.url.path, app=request.app, **values)
    return HTMLResponse(html)


def older_page(path: str, asked: Mapping[str, str], cursor: str) -> str:
    """Return the address of the next page of what was asked; empty where there is none."""
    if not cursor:
        return ""
    kept = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode({**kept, 'cursor': cursor})}"


@cache
def environment() -> Environment:
    """The templates' environment: autoescape everywhere, unknown names are errors."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # pages of one process match its code, whatever is installed meanwhile
    )
    found.filters.update(
        percent=words.percent,
        interval=words.interval,
        day=_day,
        moment=_moment,
        web_link=web_link,
        evidence=evidence_parts,
        snippet=snippet_parts,
        plain=plain_snippet,
        language=language_name,
        pretty=pretty,
        label=label_title,
        scope=scope_title,
        capital=words.capital,
        came=words.ORIGIN_TITLES.__getitem__,
        backfilled=is_backfilled,
        duration=words.duration,
        own=is_own,
        among=among,
        verdict=verdict,
        beyond_title=beyond_title,
        days=lambda span: words.days(*span),
        ago=words.ago,
        ahead=words.ahead,
        gap_words=gap_words,
        tallied=tallied,
    )
    return found


def web_link(url: str) -> str:
    """Return `url` when it leads to the web, else an empty text: a feed may state anything."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def pretty(value: Any) -> str:
    """Return JSON for a reader."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


@pass_context
def label_title(values: TemplateContext, label: str) -> str:
    """Return what a reader calls a label or signal."""
    return words.label_title(values["context"], label)


@pass_context
def scope_title(values: TemplateContext, scope: str) -> str:
    """Return what a reader calls a scope."""
    return words.scope_title(values["context"], scope)


def beyond_title(passage: str, title: str) -> str:
    """Return what a headline passage holds besides the title itself: the lead, or nothing."""
    return passage.removeprefix(title).lstrip(" .\n")


def among(series: str) -> str:
    """Return which articles a series counts."""
    return "articles about the US" if SeriesKey.parse(series).about == "us" else "all articles"


def language_name(code: str) -> str:
    """Return the English name of a language that outlets use; else the code itself."""
    return _LANGUAGES.get(code, code)


_LANGUAGES = {
    "en": "English",
    "ru": "Russian",
    "uk": "Ukrainian",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "zh": "Chinese",
    "ar": "Arabic",
    "und": "language not known",
}


def _day(value: date) -> str:
    return words.day(value)


def _moment(value: datetime) -> str:
    return f"{words.day(value.date())}, {value:%H:%M} UTC"
