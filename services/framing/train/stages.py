"""The stages of training in order, each with a checkpoint, so that a broken run resumes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from services.framing.train.classify import cross_fit, export_model, label_texts, train_student
from services.framing.train.language import add_russian, distil_russian
from services.framing.train.run import Run

log = logging.getLogger(__name__)

STAGES: dict[str, Callable[[Run], None]] = {
    "vocabulary": add_russian,
    "distil": distil_russian,
    "teachers": cross_fit,
    "labels": label_texts,
    "student": train_student,
    "export": export_model,
}


def run_stages(run: Run, until: str | None = None) -> None:
    """Run every stage without a checkpoint, up to and including `until`.

    The last stage always runs, so that the output folder is the one asked for.
    """
    run.work.mkdir(parents=True, exist_ok=True)
    for name, stage in STAGES.items():
        done = run.work / f"{name}.done"
        if done.exists() and name != "export":
            log.info("stage %s: checkpoint found, skipped", name)
        else:
            started = time.monotonic()
            stage(run)
            minutes = (time.monotonic() - started) / 60
            done.write_text(f"{minutes:.1f} minutes\n", encoding="utf-8")
            log.info("stage %s: %.1f minutes", name, minutes)
        if name == until:
            return
