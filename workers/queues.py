"""Which task runs in which queue, and how many messages a queue holds."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from services.errors import RetryableError


class Queue(StrEnum):
    """The queues; a worker may serve any choice of them."""

    COLLECT = "collect"  # waits for the network
    PAGES = "pages"  # likewise, for articles' pages, which are many and can wait
    FRAMING = "framing"  # needs the processor and the model
    SHIFTS = "shifts"  # short work on the index
    ALERTS = "alerts"  # waits for mail servers and webhooks


ROUTES: Final[dict[str, dict[str, str]]] = {
    "framewatch.poll": {"queue": Queue.COLLECT},
    "framewatch.collect": {"queue": Queue.COLLECT},
    "framewatch.visit": {"queue": Queue.PAGES},
    "framewatch.link": {"queue": Queue.SHIFTS},
    "framewatch.classify": {"queue": Queue.FRAMING},
    "framewatch.classify_versions": {"queue": Queue.FRAMING},
    "framewatch.count": {"queue": Queue.SHIFTS},
    "framewatch.detect": {"queue": Queue.SHIFTS},
    "framewatch.sweep": {"queue": Queue.SHIFTS},
    "framewatch.raise_alerts": {"queue": Queue.ALERTS},
    "framewatch.deliver": {"queue": Queue.ALERTS},
}


def length(app: Celery, queue: Queue) -> int:
    """Return how many messages wait in `queue`; those at work are not counted.

    Raises RetryableError when the broker does not answer.
    """
    with app.connection_for_read() as connection:
        channel_errors: tuple[type[BaseException], ...] = connection.channel_errors
        try:
            channel: Any = connection.default_channel
            return int(channel.queue_declare(queue, passive=True).message_count)
        except channel_errors:
            return 0  # Redis forgets a list when its last element is taken
        except (OperationalError, OSError, RedisError) as error:
            raise RetryableError(
                f"The length of queue {queue} cannot be read from Redis: {error}."
            ) from error
