"""The `framewatch` command as users start it: a process of its own, with clean settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FRAMEWATCH = Path(sys.executable).with_name("framewatch")


def environment(**settings: str) -> dict[str, str]:
    """The environment without anybody's own settings, and with these."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FRAMEWATCH_")}
    return kept | {f"FRAMEWATCH_{name.upper()}": value for name, value in settings.items()}


def framewatch(
    *arguments: str | Path, stdin: str = "", timeout: float = 240, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; a traceback on standard error is always a failure."""
    done = subprocess.run(
        [FRAMEWATCH, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment(**settings),
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def start(*arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
    """Start a command and leave it running."""
    return subprocess.Popen(
        [FRAMEWATCH, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**settings),
    )


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write rows as the import reads them."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
