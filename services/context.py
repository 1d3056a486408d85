"""Everything that the stages need, opened once: settings, store, catalogue, model, clock.

What is dear to open (the classifier, the HTTP client) is opened when first used, so that
`framewatch search` does not wait for a model that it never asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property

from services.alerts.channels.base import Sender
from services.alerts.channels.email import EmailSender
from services.alerts.channels.webhook import WebhookSender
from services.alerts.ledger import new_owner
from services.collect.feeds.refusals import Refusals
from services.collect.http.fetcher import Fetcher
from services.collect.http.gate import HostGate
from services.collect.http.robots import Robots
from services.framing.classifier import Classifier
from services.framing.codebook import Codebook, load_codebook
from services.framing.manifest import Manifest, load_manifest
from services.index.opening import open_store
from services.index.store import Store
from services.outlets.catalogue import Catalogue, load_catalogue
from services.settings import Settings
from services.shifts.reference import Reference, load_reference

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock: aware UTC."""
    return datetime.now(UTC)


class Context:
    """One process's view of the installation. Close it, or use `open_context`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        catalogue: Catalogue,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self.settings = settings
        self.store = store
        self.catalogue = catalogue
        self.clock = clock
        self.owner = new_owner()
        self.gate = HostGate(settings.host_pause)
        self.refusals = Refusals()
        self.codebook: Codebook = load_codebook()
        self._lazy = threading.RLock()  # since Python 3.12 cached_property holds none

    @cached_property
    def manifest(self) -> Manifest:
        """What the active model is and says of itself; read without loading the weights."""
        return load_manifest(self.settings.model)

    @property
    def model(self) -> str:
        """Id of the active framing model."""
        return self.manifest.model_id

    @cached_property
    def reference(self) -> Reference:
        """The reference history that ships with the package."""
        return load_reference()

    @cached_property
    def _classifier(self) -> Classifier:
        return Classifier.load(self.settings.model, threads=self.settings.threads)

    @property
    def classifier(self) -> Classifier:
        """The framing model; its files' checksums are verified when it is first used."""
        with self._lazy:
            return self._classifier

    @cached_property
    def _fetcher(self) -> Fetcher:
        settings = self.settings
        return Fetcher(
            user_agent=settings.user_agent,
            timeout=settings.fetch_timeout,
            max_bytes=settings.fetch_max_bytes,
            proxy=settings.proxy.get_secret_value() if settings.proxy else "",
            allow_networks=settings.allow_networks,
            on_redirect=self.gate.note,
        )

    @property
    def fetcher(self) -> Fetcher:
        """The one way out to feeds, pages and webhooks."""
        with self._lazy:
            return self._fetcher

    @cached_property
    def _robots(self) -> Robots:
        return Robots(self.fetcher, self.settings.user_agent, self.gate)

    @property
    def robots(self) -> Robots:
        """What sites let us fetch, for pages (never for feeds of the catalogue)."""
        with self._lazy:
            return self._robots

    @cached_property
    def senders(self) -> dict[str, Sender]:
        """The channels that are configured; a delivery on another one waits and says why."""
        found: dict[str, Sender] = {}
        if self.settings.smtp_host:
            found["email"] = EmailSender.from_settings(self.settings)
        if self.settings.webhook_secret:
            found["webhook"] = WebhookSender.from_settings(self.settings, self.fetcher.post)
        return found

    def close(self) -> None:
        """Close what was opened. Safe to call twice."""
        fetcher = self.__dict__.pop("_fetcher", None)
        if fetcher is not None:
            fetcher.close()
        self.store.close()


@contextmanager
def open_context(
    settings: Settings, *, clock: Clock = utc_now, catalogue: Catalogue | None = None
) -> Iterator[Context]:
    """Open the installation that `settings` describes and close it afterwards."""
    chosen = catalogue or load_catalogue(settings.used_catalogue)
    context = Context(settings, open_store(settings.store_path), chosen, clock=clock)
    try:
        yield context
    finally:
        context.close()
