"""Targets that asked never to be written to again (a webhook that answered 410 Gone).

What is remembered survives a restart. A person switches such a target on again by mending
it and sending a test alert, which is tried even here and, when it arrives, clears the mark.
"""

from __future__ import annotations

from services.domain.alert import Delivery
from services.domain.identity import digest
from services.index.store import Store


def disabled(store: Store, delivery: Delivery) -> str:
    """Return why the delivery's target is switched off; empty when it is not."""
    return store.get_meta(_name(delivery))


def disable(store: Store, delivery: Delivery, sentence: str) -> None:
    """Switch the delivery's target off: its other messages will end as DEAD, unsent."""
    store.set_meta(_name(delivery), sentence)


def enable(store: Store, delivery: Delivery) -> None:
    """Switch the delivery's target on again, if it was off."""
    if disabled(store, delivery):
        store.set_meta(_name(delivery), "")


def _name(delivery: Delivery) -> str:
    return f"target_off:{digest(delivery.channel, delivery.target)}"
