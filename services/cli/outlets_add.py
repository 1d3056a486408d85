"""`framewatch outlets add`: find a site's feed, show it, and write the catalogue entry."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from services.cli.options import CatalogueFile, Data, Json, settings_for
from services.cli.output import clean, print_json, say, table
from services.collect.feeds.finder import Finder, Found, Search
from services.collect.feeds.page_check import PageCheck, check_page
from services.collect.http.targets import host_if_any
from services.collect.text.language import UNKNOWN
from services.context import Context, open_context
from services.domain.article import DateQuality
from services.domain.outlet import Group
from services.errors import PermanentError, UsageError
from services.outlets.adding import add_outlet, entry_text
from services.outlets.catalogue import load_catalogue

_GROUPS: Final = ", ".join(Group)
_GROUP_HELP: Final = (
    f"{_GROUPS}: a grouping for measurement, not a verdict; say why with --reason and --source."
)
_NAME_CHARS: Final = 80


def _text(name: str, help_text: str, metavar: str = "TEXT") -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, show_default=False)


def add(
    url: Annotated[str, typer.Argument(help="A feed, or any page of the site.")],
    outlet_id: Annotated[str, _text("--id", "Short name, as in 'new-york-times'.")] = "",
    name: Annotated[str, _text("--name", "Name as it is shown.")] = "",
    group: Annotated[str, _text("--group", _GROUP_HELP, "GROUP")] = "",
    language: Annotated[str, _text("--language", "Two letters, as in ru.", "CODE")] = "",
    reason: Annotated[str, _text("--reason", "Why the outlet is in its group.")] = "",
    source: Annotated[str, _text("--source", "Who says so.")] = "",
    timezone: Annotated[
        str, _text("--timezone", "Zone of dates that name none, as in Europe/Moscow.", "ZONE")
    ] = "",
    catalogue: CatalogueFile = None,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    as_json: Json = False,
) -> int:
    """Find the feed of a site, try it, and add it to your own list of outlets.

    The list is the file named by --catalogue or FRAMEWATCH_CATALOGUE, or else outlets.yaml in
    the data folder, which every command reads by itself. Without a terminal name everything by
    options, and --yes; without --yes nothing is written.
    """
    asking = sys.stdin.isatty() and not as_json
    _check_given(group, reason, source, needed=yes and not asking)
    settings = settings_for(data, catalogue)
    path = settings.own_catalogue
    # A file that is named and not there yet will be made.
    known = load_catalogue(path if path.exists() else None)
    with open_context(settings, catalogue=known) as context:
        found, search = _found(context, _address(url), timezone, asking, quiet=as_json)
        page = check_page(found, context.fetcher, context.gate, context.robots)
        if not as_json:
            _show(found, page)
        given = {
            "id": outlet_id, "name": name, "group": group, "language": language,
            "reason": reason, "source": source, "timezone": timezone,
        }  # fmt: skip
        _complete(given, found, context, asking)
        fields = _fields(given, found, page)
        written = yes or (asking and _agreed(fields, path))
        if written:
            add_outlet(path, fields)
    if as_json:
        print_json(_as_json(found, search, page, fields, path, written))
    else:
        _say_what_next(fields, path, written)
    return 0


def _address(text: str) -> str:
    text = text.strip()
    address = text if "://" in text else f"https://{text}"
    if not host_if_any(address) or " " in address:
        raise UsageError(f"{text!r} is no web address; name one such as https://news.example/.")
    return address


def _found(
    context: Context, url: str, timezone: str, asking: bool, quiet: bool
) -> tuple[Found, Search]:
    """The feed to add. Raises PermanentError with a sentence when there is none, or it is known."""

    def tell(address: str) -> None:
        if not quiet:
            say(f"Trying {clean(address)} …")

    _refuse_known(context, url)
    finder = Finder(context.fetcher, context.gate, context.robots, context.clock(), tell)
    search = finder.find(url, timezone or "UTC")
    if not search.found:
        raise PermanentError(_nothing(search))
    found = _chosen(search.found) if asking and len(search.found) > 1 else search.found[0]
    if not quiet and not asking and len(search.found) > 1:
        others = ", ".join(clean(other.url) for other in search.found[1:])
        say(f"The first of several feeds is taken; name another one to have it: {others}")
    _refuse_known(context, found.url)
    return found, search


def _refuse_known(context: Context, url: str) -> None:
    for outlet in context.catalogue.outlets:
        if _bare(outlet.feed) == _bare(url):
            raise PermanentError(
                f"This feed is in the catalogue already: it is that of {outlet.name} "
                f"({outlet.id}). 'framewatch outlets' shows how it answers."
            )


def _bare(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").rstrip("/").casefold()


def _nothing(search: Search) -> str:
    asked, sentence = search.failed[0]
    tried = len(search.failed) - 1
    also = f" {tried} other addresses of the site hold no feed either." if tried else ""
    return f"There is no feed at {clean(asked)}: {sentence}{also}"


def _chosen(found: Sequence[Found]) -> Found:
    rows = [
        (str(number), one.feed.kind, one.feed.title, str(len(one.feed.entries)), one.url)
        for number, one in enumerate(found, 1)
    ]
    table("The site has several feeds", ("no", "kind", "title", "entries", "address"), rows)
    number = int(typer.prompt("Which one", type=int, default=1, err=True))
    if not 1 <= number <= len(found):
        raise UsageError(f"There is no feed {number}; choose from 1 to {len(found)}.")
    return found[number - 1]


def _show(found: Found, page: PageCheck) -> None:
    feed = found.feed
    titles = [clean(entry.title) for entry in feed.entries if entry.title][:3]
    rows = [
        ("feed", f"{found.url} ({feed.kind})"),
        ("title", feed.title or "none"),
        ("language", found.language if found.language != UNKNOWN else "not recognised"),
        ("entries", f"{len(feed.entries)}; the first: {' | '.join(titles)}"),
        ("newest", f"{found.newest:%Y-%m-%d %H:%M} UTC" if found.newest else "no dates"),
        ("reaches back", _reach(found)),
        ("pages", page.sentence),
        ("asked as", "Framewatch" if not found.user_agent else "a browser; else it was refused"),
    ]
    future = sum(entry.date_quality is DateQuality.CLAMPED for entry in feed.entries)
    if future:
        what = f"{future} entries are dated in the future; --timezone may mend that"
        rows.append(("dates", what))
    table("What was found", ("what", "found"), rows)


def _reach(found: Found) -> str:
    if found.reach is None:
        return "unknown"
    hours = found.reach.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"


@dataclass(frozen=True, slots=True)
class _Question:
    key: str
    text: str
    default: str = ""


def _check_given(group: str, reason: str, source: str, *, needed: bool) -> None:
    """UsageError, before anything is asked of the site, for what cannot be written."""
    options = {"--group": group, "--reason": reason, "--source": source}
    missing = [option for option, value in options.items() if not value.strip()]
    if missing and needed:
        raise UsageError(
            f"The catalogue needs more than a site says; add {', '.join(missing)}. Groups are "
            f"{_GROUPS}: a grouping for measurement, whose reason and source are stated."
        )
    if group and group not in list(Group):
        raise UsageError(f"The group is one of {_GROUPS}, not {group!r}.")


def _complete(given: dict[str, str], found: Found, context: Context, asking: bool) -> None:
    """Fill in what was not given: by asking, or by what is known."""
    language = found.language if found.language != UNKNOWN else ""
    questions = (
        _Question("id", "Id", _free_id(found.url, context)),
        _Question("name", "Name", found.feed.title[:_NAME_CHARS] or _host(found.url)),
        _Question("language", "Language (two letters)", language),
        _Question("group", f"Group, for measurement and no verdict ({_GROUPS})"),
        _Question("reason", "Why it is in this group"),
        _Question("source", "Who says so"),
    )
    for one in questions:
        if not given[one.key]:
            given[one.key] = (
                typer.prompt(one.text, default=one.default or None, err=True)
                if asking
                else one.default
            ).strip()
    if asking:
        _check_given(given["group"], given["reason"], given["source"], needed=True)


def _free_id(url: str, context: Context) -> str:
    words = re.findall(r"[a-z0-9]+", _host(url).rpartition(".")[0].lower()) or ["outlet"]
    base = "-".join(words)[:60]
    taken = {outlet.id for outlet in context.catalogue.outlets}
    names = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _fields(given: dict[str, str], found: Found, page: PageCheck) -> dict[str, Any]:
    """The catalogue entry: in the order of the packaged one, without what says nothing."""
    fields: dict[str, Any] = {
        "id": given["id"],
        "name": given["name"],
        "group": given["group"],
        "language": given["language"],
        "feed": found.url,
        "certainty": "A",
        "reason": given["reason"],
        "source": given["source"],
        "timezone": given["timezone"],
        "user_agent": found.user_agent,
        "headers": dict(found.headers),
    }
    kept = {key: value for key, value in fields.items() if value}
    return kept if page.worth_fetching else {**kept, "fetch_pages": False}


def _agreed(fields: dict[str, Any], path: Path) -> bool:
    say(f"\n{entry_text(fields)}")
    return typer.confirm(f"Write this to {path}", default=True, err=True)


def _say_what_next(fields: dict[str, Any], path: Path, written: bool) -> None:
    if written:
        say(
            f"{fields['name']} ({fields['id']}) is in {path} now. 'framewatch run' collects it "
            "from its next start on, and 'framewatch outlets' shows how it answers."
        )
    else:
        say("Nothing was written. Add --yes, with what the catalogue needs, to write it.")


def _as_json(
    found: Found,
    search: Search,
    page: PageCheck,
    fields: dict[str, Any],
    path: Path,
    written: bool,
) -> dict[str, Any]:
    return {
        "found": [
            {
                "url": one.url,
                "kind": one.feed.kind,
                "title": one.feed.title,
                "language": one.language,
                "entries": len(one.feed.entries),
                "newest": one.newest.isoformat() if one.newest else None,
                "oldest": one.oldest.isoformat() if one.oldest else None,
                "as_browser": bool(one.user_agent),
                "chosen": one is found,
            }
            for one in search.found
        ],
        "failed": [{"url": url, "sentence": sentence} for url, sentence in search.failed],
        "pages": {"fetch": page.worth_fetching, "sentence": page.sentence},
        "entry": fields,
        "catalogue": str(path),
        "written": written,
    }
