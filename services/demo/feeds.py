"""A local server that publishes the simulated outlets, as real feeds are published.

`/feeds/OUTLET.xml` shows the newest entries as of the simulated now, as RSS 2.0 or Atom,
with ETag, Last-Modified and 304; every entry's link leads to a short page. Some outlets are
as awkward as real ones: windows-1251, entities, CDATA, local time zones, tracking
parameters, a byte order mark; and at planted times a feed fails.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from xml.sax.saxutils import escape as xml_escape

from services.demo.world import Fault, SimulatedEntry, SimulatedOutlet, World

SHOWN: Final = 30  # entries in one feed, more than any outlet publishes in three days
_MOSCOW: Final = timezone(timedelta(hours=3))
_NOT_A_FEED: Final = b"<!doctype html><html><title>Maintenance</title><p>Back soon.</p></html>"


class FeedServer:
    """Serves a world on 127.0.0.1; `start` it, hand out `feed_url`, `stop` it."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._faults = world.planted.faults
        self._outlets = {outlet.id: outlet for outlet in world.outlets}
        self._entries = {name: world.published(name) for name in self._outlets}
        self._pages = {entry.path: entry for entry in world.entries}
        handler = type("Handler", (_Handler,), {"feeds": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def root(self) -> str:
        """Address of the server, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def feed_url(self, outlet: str) -> str:
        """Address of an outlet's feed."""
        return f"{self.root}/feeds/{outlet}.xml"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port; safe to call when it was never started."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return (status, content type, body) of a feed or a page, as of the simulated now."""
        path = path.partition("?")[0]
        if path.startswith("/feeds/") and path.endswith(".xml"):
            outlet = self._outlets.get(path.removeprefix("/feeds/").removesuffix(".xml"))
            if outlet:
                return self._feed(outlet)
        entry = self._pages.get(path)
        if entry and entry.published <= self._clock():
            return 200, "text/html; charset=utf-8", _page(entry, self._outlets[entry.outlet])
        return 404, "text/plain", b"Nothing is simulated here."

    def _feed(self, outlet: SimulatedOutlet) -> tuple[int, str, bytes]:
        now = self._clock()
        fault = self._fault(outlet.id, now)
        if fault and fault.kind == "unavailable":
            return 503, "text/plain", b"Service unavailable"
        if fault and fault.kind == "not_a_feed":
            return 200, "text/html", _NOT_A_FEED
        entries = self._entries[outlet.id]
        out = bisect_right(entries, now, key=lambda entry: entry.published)
        body = render_feed(outlet, entries[max(0, out - SHOWN) : out][::-1], self.root)
        if fault and fault.kind == "truncated":
            body = body[: len(body) // 2]
        kind = "application/atom+xml" if outlet.format == "atom" else "text/xml"
        return 200, kind, body

    def _fault(self, outlet: str, now: datetime) -> Fault | None:
        for fault in self._faults:
            if fault.outlet == outlet and fault.since <= now.date() < fault.until:
                return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    feeds: FeedServer
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        status, kind, body = self.feeds.answer(self.path)
        etag = f'"{sha256(body).hexdigest()[:24]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        if status == 200:
            self.send_header("Content-Type", kind)
        if status in (200, 304):
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
        """Stay silent: the demo shows its own progress."""


def render_feed(outlet: SimulatedOutlet, entries: tuple[SimulatedEntry, ...], root: str) -> bytes:
    """Return the feed of `entries` (newest first) in the outlet's format and encoding."""
    text = _atom(outlet, entries, root) if outlet.format == "atom" else _rss(outlet, entries, root)
    body = text.encode(outlet.encoding, "xmlcharrefreplace")
    return b"\xef\xbb\xbf" + body if outlet.id == "sim-tochka" else body


def _rss(outlet: SimulatedOutlet, entries: tuple[SimulatedEntry, ...], root: str) -> str:
    cdata = outlet.id == "sim-global-channel"
    items = []
    for entry in entries:
        title, lead = (f"<![CDATA[{t}]]>" if cdata else _once(t) for t in (entry.title, entry.lead))
        link = f"{root}{entry.path}" + ("?utm_source=rss&amp;utm_medium=feed" if cdata else "")
        when = entry.published.astimezone(UTC if cdata else _MOSCOW)
        items.append(
            f"<item><title>{title}</title><link>{link}</link>"
            f'<guid isPermaLink="false">{entry.outlet}-{entry.number}</guid>'
            f"<pubDate>{format_datetime(when)}</pubDate>"
            f"<description>{lead}</description></item>"
        )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n<rss version="2.0"><channel>'
        f"<title>{_once(outlet.name)}</title><link>{root}/</link>"
        f"<description>Simulated headlines</description><language>{outlet.language}</language>"
        f"{''.join(items)}</channel></rss>"
    )


def _atom(outlet: SimulatedOutlet, entries: tuple[SimulatedEntry, ...], root: str) -> str:
    # Escaped twice, as type="html" asks for: once as HTML, once as XML.
    items = [
        f'<entry><title type="html">{_once(escape(entry.title))}</title>'
        f'<link rel="alternate" href="{root}{entry.path}"/>'
        f"<id>tag:simulated,2025:{entry.outlet}-{entry.number}</id>"
        f"<published>{entry.published.isoformat()}</published>"
        f"<updated>{entry.published.isoformat()}</updated>"
        f'<summary type="html">{_once(escape(entry.lead))}</summary></entry>'
        for entry in entries
    ]
    newest = entries[0].published.isoformat() if entries else "2025-01-01T00:00:00+00:00"
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">'
        f"<title>{_once(outlet.name)}</title><id>tag:simulated,2025:{outlet.id}</id>"
        f"<updated>{newest}</updated>{''.join(items)}</feed>"
    )


def _once(text: str) -> str:
    return xml_escape(text, {"’": "&#8217;", "“": "&#8220;", "”": "&#8221;"})


def _page(entry: SimulatedEntry, outlet: SimulatedOutlet) -> bytes:
    note = "A simulated page: the outlet, the headline and the event are invented."
    return (
        f'<!doctype html><html lang="{outlet.language}"><meta charset="utf-8">'
        f"<title>{escape(entry.title)}</title><article><h1>{escape(entry.title)}</h1>"
        f"<p>{escape(entry.lead)}</p></article><p>{escape(outlet.name)}, "
        f"{entry.published:%d %B %Y}. {note}</p></html>"
    ).encode()
