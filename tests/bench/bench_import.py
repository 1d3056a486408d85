"""Import of 20,000 rows against the classifier alone on the same rows, in one run.

`python -m tests.bench.bench_import --shared ../shared [--json]`

Each side is a process of its own that reads the same file: one is `framewatch import` from
start to end, the other loads the classifier and does nothing but classify. Reported are the
rate of each, their ratio (target: at least 0.70) and the import's peak memory (target: below
600 MB). The two take turns, and the best of each counts, since machines are shared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
from itertools import chain, islice
from pathlib import Path

import psutil

ROWS = 20_000
ROUNDS = 2
RATIO_FLOOR = 0.70
MEMORY_CEILING_MB = 600

_CLASSIFIER_ONLY = """
import json, sys
from services.framing.classifier import Classifier, FramingInput
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
model = Classifier.load()
for start in range(0, len(rows), 1024):
    model.classify([FramingInput(r["title"], r["lead"], "", "en") for r in rows[start:start+1024]])
"""


def prepare(shared: Path, target: Path) -> int:
    """Write the first ROWS rows of the real histories to `target`; returns how many."""
    files = sorted((shared / "history").glob("*.jsonl.gz"))
    if not files:
        sys.exit(f"This benchmark reads {shared}/history/*.jsonl.gz, and there is none.")
    lines = chain.from_iterable(gzip.decompress(p.read_bytes()).splitlines(True) for p in files)
    kept = list(islice(lines, ROWS))
    target.write_bytes(b"".join(kept))
    return len(kept)


def timed(command: list[str]) -> tuple[float, float]:
    """Run a command; returns its seconds and its peak resident memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    watched = psutil.Process(process.pid)
    done = threading.Event()
    while not done.wait(0.05):
        try:
            peak = max(peak, watched.memory_info().rss / 1e6)
        except psutil.NoSuchProcess:
            break
        if process.poll() is not None:
            break
    if process.wait() != 0:
        sys.exit(f"{' '.join(command[:4])} … ended with exit code {process.returncode}.")
    return time.perf_counter() - started, peak


def measure(shared: Path) -> dict[str, float]:
    """Take turns at both sides; returns rates (rows a second), ratio and memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "rows.jsonl"
        rows = prepare(shared, source)
        alone, imported, peaks = [], [], []
        for turn in range(ROUNDS):
            alone.append(timed([sys.executable, "-c", _CLASSIFIER_ONLY, str(source)])[0])
            data = str(folder / f"data{turn}")
            command = [str(Path(sys.executable).with_name("framewatch")), "import", str(source)]
            seconds, peak = timed([*command, "--data", data])
            imported.append(seconds)
            peaks.append(peak)
    return {
        "rows": rows,
        "classifier_rows_per_second": rows / min(alone),
        "import_rows_per_second": rows / min(imported),
        "ratio": min(alone) / min(imported),
        "peak_memory_mb": max(peaks),
    }


def main() -> int:
    """Print the figures; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = measure(arguments.shared)
    good = result["ratio"] >= RATIO_FLOOR and result["peak_memory_mb"] < MEMORY_CEILING_MB
    if arguments.json:
        print(json.dumps(result | {"ok": good}, indent=2))
    else:
        print(f"classifier alone   {result['classifier_rows_per_second']:8.0f} rows/s")
        print(f"framewatch import  {result['import_rows_per_second']:8.0f} rows/s")
        print(f"ratio              {result['ratio']:8.2f}   (target {RATIO_FLOOR} or more)")
        print(f"peak memory        {result['peak_memory_mb']:8.0f} MB (target below 600)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
