"""Where log lines go: standard error, from the level that the settings name.

Sentences for the user are printed by the commands; the log holds what explains them.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Final

OURS: Final = ("services", "workers", "framewatch")
_FORMAT: Final = "%(asctime)sZ %(levelname)s %(name)s: %(message)s"


def configure_logging(level: str) -> None:
    """Log our own modules from `level` (debug, info, warning, error), libraries from WARNING.

    Libraries stay at WARNING also for debug: some of theirs log request headers.
    """
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(_FORMAT, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
