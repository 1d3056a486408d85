"""Base class of every task: what is tried again, when, and how the others end."""

from __future__ import annotations

import logging
import random
from enum import StrEnum
from typing import Final

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded

from services.errors import PermanentError, RetryableError

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS: Final = 600
# What another side may make us wait; with the task itself it stays below the time after which
# Redis hands the message out again (workers/app.py).
LONGEST_WAIT_SECONDS: Final = 1_800


class TaskOutcome(StrEnum):
    """How a task ended; every one ends in exactly one, and is logged with it."""

    DONE = "done"
    RETRIED = "retried"
    GAVE_UP = "gave_up"  # every try is used up, or the time; the sweep will find the work again
    PERMANENT_ERROR = "permanent_error"


class Stage(Task[..., object]):
    """Runs a stage; a RetryableError, and nothing else, has it tried again later.

    A PermanentError ends the task with its sentence in the log: trying again changes nothing.
    Any other exception is a defect of ours; Celery logs its traceback and drops the message.
    In neither case is work lost, because the index still says that it is to be done.
    """

    abstract = True
    max_retries = 6
    first_pause: float = 2.0

    def __call__(self, *args: object, **kwargs: object) -> object:
        try:
            self.run(*args, **kwargs)
        except RetryableError as error:
            return self._try_again(error)
        except PermanentError as error:
            return self._end(TaskOutcome.PERMANENT_ERROR, str(error))
        except SoftTimeLimitExceeded:
            return self._end(TaskOutcome.GAVE_UP, "It took longer than a task may take.")
        return self._end(TaskOutcome.DONE)

    def pause(self, error: RetryableError) -> float:
        """Seconds until the next try: doubled each time, with jitter, or what was asked for."""
        longest = min(self.first_pause * 2**self.request.retries, LONGEST_PAUSE_SECONDS)
        drawn = random.uniform(longest / 2, longest)  # noqa: S311 - spreads tries, hides nothing
        return max(drawn, min(error.retry_after or 0, LONGEST_WAIT_SECONDS))

    def _try_again(self, error: RetryableError) -> object:
        if self.request.retries >= (self.max_retries or 0):
            return self._end(TaskOutcome.GAVE_UP, str(error))
        self._end(TaskOutcome.RETRIED, str(error))
        raise self.retry(exc=error, countdown=self.pause(error))

    def _end(self, outcome: TaskOutcome, sentence: str = "") -> str:
        level = logging.INFO if outcome is TaskOutcome.DONE else logging.WARNING
        log.log(level, "%s: %s. %s", self.name, outcome, sentence)
        return outcome.value
