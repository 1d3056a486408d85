"""The part of the store that holds rules, alerts and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.domain.alert import Alert, Delivery, DeliveryStatus, Rule


class AlertStore(Protocol):
    """The ledger's side of `store.Store`, whose docstring says what holds for every method."""

    def save_rules(self, rules: Sequence[Rule]) -> None:
        """Replace all rules by these."""
        ...

    def rules(self) -> list[Rule]: ...

    def add_alerts(self, alerts: Sequence[Alert], deliveries: Sequence[Delivery]) -> list[str]:
        """Write what is not there yet; returns the ids of deliveries that are new."""
        ...

    def alerts(self, limit: int = 100) -> list[Alert]:
        """Newest first."""
        ...

    def claim_deliveries(
        self, owner: str, now: datetime, lease_until: datetime, limit: int
    ) -> list[Delivery]:
        """Claim due deliveries atomically: PENDING with next_try <= now, or CLAIMED with a
        lease that ran out. They come back CLAIMED by `owner`, with `attempts` raised by one.
        """
        ...

    def record_delivery(self, delivery: Delivery) -> bool:
        """Store the result of a claimed delivery; False when somebody else owns it now."""
        ...

    def deliveries(
        self, alert_ids: Sequence[str] = (), status: DeliveryStatus | None = None
    ) -> list[Delivery]: ...
