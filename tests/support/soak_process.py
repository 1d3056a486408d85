"""The collecting process of a soak, as a child that can be killed and started again at once.

`python -m tests.support.soak_process` reads lines from standard input, each the time of a round.
It writes `pid N` when a child begins, then for each round what became of every due feed as JSON,
or `killed`. A child lives until it is killed: it opens the store as a new start does, and keeps
its connections from round to round.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import TextIO

from services import pipeline
from services.context import open_context
from services.demo.clock import SimulatedClock
from services.settings import load_settings


def main() -> None:
    """Pass rounds on to a child; have another one when it has died."""
    child: tuple[int, TextIO, TextIO] | None = None
    for line in sys.stdin:
        if child is None:
            child = _begin()
            print(f"pid {child[0]}", flush=True)
        process, orders, answers = child
        try:
            orders.write(line)
            orders.flush()
            answer = answers.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            os.waitpid(process, 0)
            child = None
        print(answer.strip() or "killed", flush=True)


def _begin() -> tuple[int, TextIO, TextIO]:
    order_in, order_out = os.pipe()
    answer_in, answer_out = os.pipe()
    process = os.fork()
    if not process:
        os.close(order_out)
        os.close(answer_in)
        try:
            _collect(os.fdopen(order_in), os.fdopen(answer_out, "w"))
        finally:
            os._exit(0)
    os.close(order_in)
    os.close(answer_out)
    return process, os.fdopen(order_out, "w"), os.fdopen(answer_in)


def _collect(orders: TextIO, answers: TextIO) -> None:
    clock: SimulatedClock | None = None
    for order in orders:
        now = datetime.fromisoformat(order.strip())
        if clock is None:
            clock = SimulatedClock(now)
            opened = open_context(load_settings(), clock=clock)
            context = opened.__enter__()
        clock.set(now)
        polls = pipeline.collect(context, pipeline.due_outlets(context))
        print(json.dumps({item.outlet: item.outcome for item in polls}), file=answers, flush=True)


if __name__ == "__main__":
    main()
