"""The stages as plain functions: ids in, ids out. Two engines call them: `run` and Celery.

    collect → visit_pages → link_copies → classify → count → detect → raise_alerts → deliver

Each stage reads from the index what it works on and writes back what it did, in one
transaction a batch, so that it may be stopped anywhere and called again.
"""

from services.pipeline.alerting import adopt_rules, deliver, detect, raise_alerts
from services.pipeline.backfilling import backfill
from services.pipeline.classifying import (
    CLASSIFY_BATCH,
    classify,
    classify_versions,
    classify_waiting,
)
from services.pipeline.collecting import Collected, add, collect, due_outlets, next_due
from services.pipeline.counting import count
from services.pipeline.linking import link_copies
from services.pipeline.visiting import visit_pages

__all__ = [
    "CLASSIFY_BATCH",
    "Collected",
    "add",
    "adopt_rules",
    "backfill",
    "classify",
    "classify_versions",
    "classify_waiting",
    "collect",
    "count",
    "deliver",
    "detect",
    "due_outlets",
    "link_copies",
    "next_due",
    "raise_alerts",
    "visit_pages",
]
