"""A process of its own that delivers what is due, to be killed or raced by a test.

    python -m tests.support.deliver_process STORE NOW MODE

Says "ready", waits for a line on standard input, then delivers. MODE `hold` stops for ever
between "the other side took the message" and "recorded", after saying "sent".
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from services.alerts.channels.webhook import WebhookSender
from services.alerts.ledger import deliver_due, new_owner
from services.index.opening import open_store
from tests.support.alerting import SECRET, StandingClock, composer
from tests.support.webhook_receiver import PostAnswer, post


def post_and_hold(
    url: str, *, body: bytes, headers: Mapping[str, str], timeout: float
) -> PostAnswer:
    """Post, then never come back."""
    post(url, body=body, headers=headers, timeout=timeout)
    print("sent", flush=True)
    threading.Event().wait()
    raise AssertionError("unreachable")


def main(path: str, now: str, mode: str) -> None:
    """Deliver once."""
    clock = StandingClock(datetime.fromisoformat(now))
    store = open_store(Path(path))
    sender = WebhookSender(post_and_hold if mode == "hold" else post, (SECRET,), clock)
    print("ready", flush=True)
    sys.stdin.readline()
    deliver_due(store, {"webhook": sender}, composer(store), clock, new_owner())
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
