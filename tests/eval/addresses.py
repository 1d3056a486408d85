"""Whether addresses of different articles keep different identities.

    python -m tests.eval.addresses --shared ../shared [--json]

Takes every address in the shared data, and the forms in which sites show one article (mobile,
AMP, print, tracked, in a viewer): a form has to lead back to its article, and no two articles
may come to share an identity. Exit status 1 when one does, 2 without the data.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlsplit

from services.collect.identity.canonical import identity_url
from services.collect.identity.variants import names_article

EVERY = 20  # the forms of each so-many-th address are made
FORMS = (
    "http://{host}{path}{query}",
    "https://www.{host}{path}{query}",
    "https://m.{host}{path}{query}",
    "https://{host}{path}{join}utm_source=feed&fbclid=abc",
    "https://{host}{path}{query}#comments",
    "https://{host}/amp{path}{query}",
    "https://{host}{path}/amp/{query}",
    "https://{host}/print{path}{query}",
    "https://{host}{path}{join}print=1",
    "https://www.google.com/amp/s/{host}{path}{query}",
    "https://www.google.com/url?sa=t&url={quoted}",
    "https://yandex.ru/turbo/{host}/s{path}{query}",
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.addresses")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    urls = sorted(set(_addresses(options.shared)))
    if not urls:
        print(f"There are no addresses in {options.shared}.", file=sys.stderr)
        return 2
    result = judge(urls)
    print(json.dumps(result) if options.json else report(result))
    return 1 if result["merged"] or result["lost_forms"] else 0


def judge(urls: Sequence[str]) -> dict[str, Any]:
    """Count identities. Addresses that are the same but for www, scheme, closing slash or a
    viewer around them are one article to begin with.
    """
    began = perf_counter()
    identities = {url: found for url in urls if (found := identity_url(url))}
    seconds = perf_counter() - began
    holders: dict[str, set[str]] = defaultdict(set)
    for url, identity in identities.items():
        holders[identity].add(_plain(url))
    merged = [sorted(plain) for plain in holders.values() if len(plain) > 1]
    forms = lost = 0
    for url, identity in list(identities.items())[::EVERY]:
        for form in _forms(url):
            forms += 1
            lost += identity_url(form) != identity
    return {
        "addresses": len(identities),
        "articles": len({_plain(url) for url in identities}),
        "identities": len(holders),
        "merged": merged,
        "forms": forms,
        "lost_forms": lost,
        "microseconds": round(seconds / len(identities) * 1e6, 1),
    }


def report(result: dict[str, Any]) -> str:
    lines = [
        f"{result['addresses']:,} addresses of {result['articles']:,} articles have "
        f"{result['identities']:,} identities, at {result['microseconds']} µs each",
        f"{len(result['merged'])} identities are shared by different articles",
        f"{result['lost_forms']} of {result['forms']:,} other forms (mobile, AMP, print, tracked, "
        "in a viewer) have another identity than their article",
    ]
    return "\n".join([*lines, *(" = ".join(urls) for urls in result["merged"][:20])])


def _plain(url: str) -> str:
    """An independent, simple rule for what is one address."""
    if "google." in url and "url?q=" in url:
        url = url.partition("url?q=")[2].partition("&sa=")[0]
    return url.partition("://")[2].partition("#")[0].rstrip("/").removeprefix("www.")


def _forms(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    # A form says nothing where the address itself does not name one article.
    if not names_article(path, parts.query) or "google." in parts.netloc or parts.port:
        return
    host = parts.netloc.removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    values = {"host": host, "path": path, "query": query, "join": f"{query}&" if query else "?"}
    quoted = quote(f"https://{host}{path}{query}", safe="")
    yield from (form.format(quoted=quoted, **values) for form in FORMS)


def _addresses(shared: Path) -> Iterator[str]:
    for path in sorted(shared.glob("**/*.jsonl*")):
        with (
            gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines
        ):
            for line in lines:
                url = json.loads(line).get("url") or ""
                if url.startswith("http"):
                    yield url


if __name__ == "__main__":
    sys.exit(main())
