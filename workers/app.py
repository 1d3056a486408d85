"""The Celery application, configured from the settings."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from celery import Celery
from kombu.exceptions import OperationalError

from services.errors import ConfigurationError
from services.settings import Settings
from workers.queues import ROUTES, Queue
from workers.schedule import BEAT_SCHEDULE

SOFT_LIMIT_SECONDS: Final = 1_800  # one slow outlet with pages is the longest honest task
HARD_LIMIT_SECONDS: Final = SOFT_LIMIT_SECONDS + 60
# Redis hands a message out again when it was not acknowledged within this time. It must exceed
# the longest task and the longest pause before a retry, or live work would be done twice. What
# a killed worker held comes back sooner, by the sweep.
VISIBILITY_SECONDS: Final = 2 * HARD_LIMIT_SECONDS
SHUTDOWN_SECONDS: Final = 20.0


def create_app(settings: Settings) -> Celery:
    """Return the application; nothing is connected yet.

    JSON only, acknowledged after the work, one message at a time, no result backend.
    """
    app = Celery("framewatch", broker=settings.redis_url.get_secret_value(), set_as_current=True)
    visibility = {"visibility_timeout": VISIBILITY_SECONDS}
    app.conf.update(
        include=["workers.tasks"],
        task_routes=ROUTES,
        task_default_queue=Queue.COLLECT.value,
        beat_schedule=BEAT_SCHEDULE,
        beat_scheduler="celery.beat:Scheduler",  # in memory; see workers/schedule.py
        timezone="UTC",
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        result_backend=None,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        task_time_limit=HARD_LIMIT_SECONDS,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_soft_shutdown_timeout=SHUTDOWN_SECONDS,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            **visibility,
            "health_check_interval": 25,
            "socket_keepalive": True,
        },
        result_backend_transport_options=visibility,
        visibility_timeout=VISIBILITY_SECONDS,
    )
    return app


def broker_address(app: Celery) -> str:
    """Return where the broker is, without the user name and password, for a reader."""
    parts = urlsplit(app.conf.broker_url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def check_broker(app: Celery) -> None:
    """Raise ConfigurationError with a sentence when the broker does not answer."""
    with app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
        except (OperationalError, OSError) as error:
            raise ConfigurationError(
                f"Redis does not answer at {broker_address(app)}: {error} "
                "Start it (on Debian: apt-get install redis-server), or set "
                "FRAMEWATCH_REDIS_URL to where it runs."
            ) from error
