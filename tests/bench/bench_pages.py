"""How long a page takes from its bytes to its text, and how long the worst ones can take.

    python -m tests.bench.bench_pages

Ordinary pages are written for this script (40 paragraphs, 300 links, 60 kB of scripts). Hostile
ones are 4 MB of whatever makes parsers slow. Fails when one of them takes more than LIMIT
seconds of processor time: no visit may hold up the ones that wait behind it.
"""

from __future__ import annotations

import sys
import time
from typing import Final

from services.collect.http.fetcher import Fetched
from services.collect.pages.document import MAX_PAGE_BYTES
from services.collect.pages.judge import judge
from tests.support.pages import page
from tests.support.records import make_article, make_outlet

LIMIT: Final = 3.0
ROUNDS: Final = 40
URL: Final = "https://news.example/1"
WORDS: Final = b"the words of this sentence come back again and again on the page "
_UNIT: Final[dict[str, bytes]] = {
    "nested blocks": b"<div>",
    "nested inline": b"<b>",
    "nested tables": b"<table><tr><td>",
    "nested lists": b"<ul><li>",
    "open links": b"<a href=x>link ",
    "one-letter paragraphs": b"<p>x</p>",
    "paragraphs": b"<p>" + WORDS * 3 + b"</p>",
    "attributes in many tags": b"<p a=1 b=2 c=3 d=4 e=5>x</p>",
    "breaks": b"text<br>",
    "links": b"<p><a href='/x'>some link text here</a></p>",
    "crossed tags": b"<b><i></b></i>",
    "deep branches": b"<div>" * 200 + WORDS * 5 + b"</div>" * 200,
    "levels of paragraphs": b"<div>" + (b"<p>" + WORDS * 2 + b"</p>") * 28,
    "rows": b"<tr><td>" + WORDS + b"</td><td>x</td></tr>",
    "long class names": b"<div class='" + b"comment-" * 4_000 + b"'><p>" + WORDS * 9 + b"</div>",
    "scripts": b"<script>",
    "comments": b"<!---->",
    "brackets": b"<",
    "quotes": b'<a href="',
    "entities": b"&amp;",
    "invitations": b"<p>subscribe to continue sign up to </p>",
    "linked data": b'<script type="application/ld+json">{"@type":"NewsArticle"}</script>',
}
HOSTILE: Final = {
    "attributes in one tag": b"<p " + b" ".join(b"a%d=1" % n for n in range(500_000)) + b">x</p>",
    "text below 240 articles": b"<article>" * 240 + (b"<p>" + WORDS * 3 + b"</p>") * 4_500,
    "one long word": b"<p>" + b"a" * MAX_PAGE_BYTES,
    "spaces": b"<p>" + b" " * MAX_PAGE_BYTES,
    **{name: unit * (MAX_PAGE_BYTES // len(unit)) for name, unit in _UNIT.items()},
}


def seconds(body: bytes) -> float:
    """Processor seconds to judge one page."""
    answer = Fetched(200, URL, {"content-type": "text/html; charset=utf-8"}, body)
    start = time.process_time()
    judge(answer, URL, make_outlet(), make_article(1))
    return time.process_time() - start


def ordinary() -> bytes:
    """An article page of usual size."""
    links = "".join(f"<li><a href='/{n}'>Another headline number {n}</a></li>" for n in range(300))
    paragraphs = [f"Paragraph {n}: {WORDS.decode() * 4}." for n in range(40)]
    scripts = f"<script>{'let a = 1; ' * 6_000}</script>"
    return page(paragraphs, tail=f"<ul>{links}</ul>{scripts}").encode()


def main() -> int:
    """Print the time of an ordinary page and of the slowest hostile ones; 1 above LIMIT."""
    body = ordinary()
    seconds(body)  # imports the library
    usual = sorted(seconds(body) for _ in range(ROUNDS))[ROUNDS // 2]
    print(f"Pages: {1000 * usual:.0f} ms for an ordinary one of {len(body) // 1000} kB")
    taken = sorted(((seconds(body), name) for name, body in HOSTILE.items()), reverse=True)
    for spent, name in taken[:5]:
        print(f"  hostile, {name}: {spent:.2f} s")
    print(f"  the slowest of {len(taken)} hostile ones: {taken[0][0]:.2f} s; limit {LIMIT:g} s")
    return 0 if taken[0][0] <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
