"""Fuzz the way of a feed: parser, articles, pages. `make fuzz MINUTES=10`.

Each case is damaged from healthy documents by a random generator seeded with the run's seed and
the case's number, so that `--seed S --case N` runs one again. The cases run in a process of
their own: one that crashes, hangs or breaks a rule is saved, and the next process goes on.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import psutil

from tests.fuzz.mutate import mutate
from tests.fuzz.seeds import seeds
from tests.fuzz.target import run_case

SLOW_SECONDS: Final = 2.0
"""Processor time for one case beyond which it counts as slow."""
HANG_SECONDS: Final = 30.0
"""Time without an answer after which the process is ended; far more, as machines are busy."""
GROWTH_MIB: Final = 100.0
_BATCH: Final = 100
_WARM_UP: Final = 4_000  # until then models and tables are still loaded
_LONGEST_LIFE: Final = 10 * 60.0
_SHOWN: Final = 20
_MOST_MEMORY: Final = 4 * 2**30  # a case that takes more fails, and does not take the machine


@dataclass
class Report:
    """What a run saw."""

    cases: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    growth: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def case(seed: int, number: int, documents: list[bytes]) -> bytes:
    """The document of case `number`."""
    return mutate(random.Random(f"{seed}:{number}"), documents)


def fuzz(seconds: float, seed: int, folder: Path) -> Report:
    """Run cases for so many seconds; inputs that fail are saved in `folder`."""
    report, documents, number = Report(), seeds(), 0
    begun = time.monotonic()
    while (left := seconds - (time.monotonic() - begun)) > 0:
        number = _process(report, seed, number, min(left, _LONGEST_LIFE), folder, documents)
    report.seconds = time.monotonic() - begun
    return report


def _process(
    report: Report, seed: int, number: int, seconds: float, folder: Path, documents: list[bytes]
) -> int:
    """Let one process run cases from `number` on; returns the number to go on with."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs, seed, number))
    worker.start()
    theirs.close()
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if not ours.poll(HANG_SECONDS):
                _save(report, folder, seed, number, documents, f"no answer in {HANG_SECONDS:g} s")
                return number + 1
            kind, *rest = ours.recv()
            if kind == "batch":
                number, ended, slowest, growth = rest
                report.cases += ended.total()
                report.ended += ended
                report.slowest = max(report.slowest, slowest)
                report.growth = growth
            elif kind == "begin":
                (number,) = rest
            else:
                number, what = rest
                _save(report, folder, seed, number, documents, what)
    except EOFError:
        _save(report, folder, seed, number, documents, "the process died")
        return number + 1
    finally:
        worker.kill()
        worker.join()
    if report.growth > GROWTH_MIB:
        report.failures.append(f"memory grew by {report.growth:.0f} MiB")
    return number + 1


def _work(connection: Connection, seed: int, number: int) -> None:
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    most = _MOST_MEMORY if allowed == resource.RLIM_INFINITY else min(_MOST_MEMORY, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, allowed))
    documents = seeds()
    ended: Counter[str] = Counter()
    slowest, warm = 0.0, 0.0
    first = number
    while True:
        connection.send(("begin", number))
        begun = time.process_time()
        try:
            ended[run_case(number, case(seed, number, documents))] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            ended["failed"] += 1
            lines = traceback.format_exc().splitlines()[-8:]
            connection.send(("failure", number, f"{type(error).__name__}\n" + "\n".join(lines)))
        took = time.process_time() - begun
        slowest = max(slowest, took)
        if took > SLOW_SECONDS:
            connection.send(("failure", number, f"took {took:.1f} s"))
        number += 1
        if number - first == _WARM_UP:
            warm = _memory()
        if number % _BATCH == 0:
            growth = _memory() - warm if warm else 0.0
            connection.send(("batch", number, ended, slowest, growth))
            ended.clear()


def _memory() -> float:
    """The memory that this process holds now that what it dropped is gone, in MiB."""
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


def _save(
    report: Report, folder: Path, seed: int, number: int, documents: list[bytes], what: str
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"seed{seed}-case{number}.bin"
    path.write_bytes(case(seed, number, documents))
    report.failures.append(f"case {number} ({path}): {what}")


def main() -> int:
    """Run for some minutes, or one case again; 1 when something failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="run this case alone, with its traceback")
    parser.add_argument(
        "--save", type=Path, default=Path(tempfile.gettempdir()) / "framewatch-fuzz"
    )
    given = parser.parse_args()
    if given.case is not None:
        print(run_case(given.case, case(given.seed, given.case, seeds())))
        return 0
    report = fuzz(given.minutes * 60, given.seed, given.save)
    for failure in report.failures[:_SHOWN]:
        print(failure, file=sys.stderr)
    rate = report.cases / report.seconds if report.seconds else 0.0
    print(
        f"{report.cases:,} cases in {report.seconds:.0f} s ({rate:.0f} a second), seed "
        f"{given.seed}: {len(report.failures)} failures; slowest case {report.slowest:.2f} s of "
        f"processor time; memory grew by {report.growth:.0f} MiB after warm-up"
    )
    print(", ".join(f"{name} {count:,}" for name, count in report.ended.most_common()))
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
