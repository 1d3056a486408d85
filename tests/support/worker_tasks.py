"""A Celery application with tasks that fail on purpose, for a real worker to run."""

from __future__ import annotations

from pathlib import Path

from services.errors import PermanentError, RetryableError
from services.settings import load_settings
from workers.app import create_app
from workers.stage import Stage

app = create_app(load_settings())


class QuickStage(Stage):
    """A stage that does not make a test wait."""

    abstract = True
    max_retries = 2
    first_pause = 0.02


@app.task(base=QuickStage, name="tests.fail")
def fail(kind: str, tries: str) -> None:
    """Note the try as a line of the file `tries`, then fail as `kind` says."""
    with Path(tries).open("a", encoding="utf-8") as file:
        file.write(kind + "\n")
    if kind == "retryable":
        raise RetryableError("The server is down for a moment.")
    if kind == "permanent":
        raise PermanentError("The address does not exist.")
    if kind == "defect":
        raise ValueError("a mistake of ours")
