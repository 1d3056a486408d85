"""The one context that a worker process holds: store, catalogue, model, clock."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache

from celery.signals import worker_process_init, worker_process_shutdown

from services.context import Context, open_context
from services.settings import load_settings

_opened = ExitStack()


@cache
def current() -> Context:
    """Return this process's context, opened on first use.

    Opened after the fork, never before: neither a database connection nor the model's threads
    survive one. Raises what `load_settings` and `open_context` raise.
    """
    return _opened.enter_context(open_context(load_settings()))


@worker_process_init.connect
def _open(**_: object) -> None:
    current()


@worker_process_shutdown.connect
def _close(**_: object) -> None:
    current.cache_clear()
    _opened.close()
