"""`python -m services.framing.train`: rebuild the shipped classifier, stage by stage."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from services.errors import FramewatchError
from services.framing.train.encoder import PACKAGED
from services.framing.train.run import Run
from services.framing.train.stages import STAGES, run_stages


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stages that have no checkpoint yet; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.framing.train", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="data folder")
    parser.add_argument("--work", type=Path, default=Path("train-work"), help="checkpoints")
    parser.add_argument("--out", type=Path, default=Path("services/framing/model"))
    parser.add_argument("--encoder", default=PACKAGED, help="folder of an English encoder")
    parser.add_argument("--seed", type=int, default=20_250_224)
    parser.add_argument("--until", choices=list(STAGES), help="stop after this stage")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    run = Run(options.shared, options.work, options.out, options.encoder, options.seed)
    try:
        run_stages(run, options.until)
    except FramewatchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
