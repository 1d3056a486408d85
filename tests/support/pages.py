"""Article pages as sites write them, and the words to fill them with."""

from __future__ import annotations

import json
from collections.abc import Sequence

HTML = {"Content-Type": "text/html; charset=utf-8"}
PARAGRAPHS = [
    f"On day {n} the two sides spoke for {n + 2} hours about matters that concern them both, "
    f"and the headline of that day agreed to meet again in city number {n} to go on with it."
    for n in range(6)
]


def page(
    paragraphs: Sequence[str] = PARAGRAPHS,
    *,
    title: str = "Headline number 1",
    head: str = "",
    linked: dict[str, object] | None = None,
    tail: str = "",
) -> str:
    """Return the HTML of an article with a menu and a footer around it."""
    data = f'<script type="application/ld+json">{json.dumps(linked)}</script>' if linked else ""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<html><head><title>{title} - The Site</title>{head}{data}</head><body>"
        "<nav><a href='/'>Menu</a> <a href='/about'>About</a></nav>"
        f"<article><h1>{title}</h1>{body}</article>{tail}<footer>Imprint</footer></body></html>"
    )
