"""Small builders of feed documents."""

from __future__ import annotations

DATE = "Fri, 28 Feb 2025 12:00:00 GMT"
SITE = "https://news.example"


def item(title: str, link: str = "", date: str = DATE, extra: str = "") -> str:
    """One RSS item; its link is made from the title unless given."""
    where = link or f"{SITE}/{slug(title)}"
    stated = f"<pubDate>{date}</pubDate>" if date else ""
    return f"<item><title>{title}</title><link>{where}</link>{stated}{extra}</item>"


def slug(title: str) -> str:
    """The path that `item` gives a title."""
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


def rss(*items: str, head: str = "", inside: str = "", after: str = "") -> str:
    """An RSS 2.0 document."""
    body = f"<channel><title>T</title><link>{SITE}/</link>{inside}{''.join(items)}</channel>"
    return f'{head}<rss version="2.0">{body}</rss>{after}'


def atom(*entries: str, attributes: str = "") -> str:
    """An Atom document."""
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>T</title>'
        f"{''.join(entries)}</feed>"
    )


def entry(title: str, link: str, date: str = "2025-02-28T12:00:00Z", extra: str = "") -> str:
    """One Atom entry."""
    return (
        f'<entry><title>{title}</title><link href="{link}"/><id>{link}</id>'
        f"<updated>{date}</updated>{extra}</entry>"
    )


GOOD = rss(item("A good headline of today"), item("Another good headline"))
TITLES = ("A good headline of today", "Another good headline")
