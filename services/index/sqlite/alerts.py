"""Rules, alerts, and the ledger of their deliveries."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.domain.alert import Alert, Delivery, DeliveryStatus, Rule
from services.index.sqlite.connection import Database
from services.index.sqlite.documents import Document
from services.index.sqlite.values import (
    json_list,
    optional_time,
    optional_time_back,
    storable,
    time_from_column,
    time_to_column,
)

_RULE: Final = Document(Rule)
_ALERT: Final = Document(Alert)

_COLUMNS: Final = (
    "id, alert_id, rule, channel, target, status, attempts, next_try, claimed_until, "
    "claimed_by, sent_at, error"
)
_INSERT: Final = (
    f"INSERT OR IGNORE INTO deliveries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_DUE: Final = f"""
SELECT {_COLUMNS} FROM deliveries
WHERE (status = 'pending' AND next_try <= :now) OR (status = 'claimed' AND claimed_until <= :now)
ORDER BY next_try, key LIMIT :limit
"""
_CLAIM: Final = """
UPDATE deliveries SET status = 'claimed', claimed_by = ?, claimed_until = ?, attempts = ?
WHERE id = ?
"""
# The number of attempts rises with every claim, so it tells this claim from any later one.
_RECORD: Final = """
UPDATE deliveries SET status = ?, next_try = ?, claimed_until = ?, claimed_by = ?, sent_at = ?,
    error = ?
WHERE id = ? AND status = 'claimed' AND attempts = ? AND (? = '' OR claimed_by = ?)
"""


class Alerts:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_rules(self, rules: Sequence[Rule]) -> None:
        """Replace all rules by these."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM rules")
            connection.executemany(
                "INSERT INTO rules (position, document) VALUES (?, ?)",
                [(position, _RULE.dump(rule)) for position, rule in enumerate(rules)],
            )

    def rules(self) -> list[Rule]:
        """Return the rules in the order in which they were saved."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT document FROM rules ORDER BY position").fetchall()
        return [_RULE.load(row[0]) for row in rows]

    def add_alerts(self, alerts: Sequence[Alert], deliveries: Sequence[Delivery]) -> list[str]:
        """Write what is not there yet; return the ids of deliveries that are new."""
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO alerts (id, created, document) VALUES (?, ?, ?)",
                [(a.id, time_to_column(a.created), _ALERT.dump(a)) for a in alerts],
            )
            return [
                delivery.id
                for delivery in deliveries
                if connection.execute(_INSERT, _row(delivery)).rowcount
            ]

    def alerts(self, limit: int = 100) -> list[Alert]:
        """Return alerts, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT document FROM alerts ORDER BY created DESC, key DESC LIMIT ?", (limit,)
            ).fetchall()
        return [_ALERT.load(row[0]) for row in rows]

    def claim_deliveries(
        self, owner: str, now: datetime, lease_until: datetime, limit: int
    ) -> list[Delivery]:
        """Claim due deliveries, so that nobody else gets them before the lease ends."""
        with self._database.writing() as connection:
            due = connection.execute(_DUE, {"now": time_to_column(now), "limit": limit}).fetchall()
            claimed = [
                replace(
                    delivery,
                    status=DeliveryStatus.CLAIMED,
                    attempts=delivery.attempts + 1,
                    claimed_by=owner,
                    claimed_until=lease_until,
                )
                for delivery in map(_delivery, due)
            ]
            lease = time_to_column(lease_until)
            connection.executemany(_CLAIM, [(owner, lease, d.attempts, d.id) for d in claimed])
        return claimed

    def record_delivery(self, delivery: Delivery) -> bool:
        """Store the result of a claimed delivery; False when somebody else owns it now.

        Recording the same result again is True and changes nothing.
        """
        row = _row(delivery)
        with self._database.writing() as connection:
            changed = connection.execute(
                _RECORD, (row[5], *row[7:], row[0], row[6], row[9], row[9])
            ).rowcount
            if changed:
                return True
            stored = connection.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE id = ?", (delivery.id,)
            ).fetchone()
        return bool(stored == row)

    def deliveries(
        self, alert_ids: Sequence[str] = (), status: DeliveryStatus | None = None
    ) -> list[Delivery]:
        """Return deliveries in the order in which they were added."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM deliveries "
                "WHERE (:all OR alert_id IN (SELECT value FROM json_each(:ids))) "
                "AND (:status IS NULL OR status = :status) ORDER BY key",
                {"all": not alert_ids, "ids": json_list(alert_ids), "status": status},
            ).fetchall()
        return [_delivery(row) for row in rows]


def _row(delivery: Delivery) -> tuple[Any, ...]:
    return (
        delivery.id, delivery.alert_id, delivery.rule, delivery.channel, delivery.target,
        str(delivery.status), delivery.attempts, time_to_column(delivery.next_try),
        optional_time(delivery.claimed_until), delivery.claimed_by,
        optional_time(delivery.sent_at), storable(delivery.error),
    )  # fmt: skip


def _delivery(row: tuple[Any, ...]) -> Delivery:
    return Delivery(
        id=row[0],
        alert_id=row[1],
        rule=row[2],
        channel=row[3],
        target=row[4],
        status=DeliveryStatus(row[5]),
        attempts=row[6],
        next_try=time_from_column(row[7]),
        claimed_until=optional_time_back(row[8]),
        claimed_by=row[9],
        sent_at=optional_time_back(row[10]),
        error=row[11],
    )
