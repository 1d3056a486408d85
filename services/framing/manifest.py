"""What a framing model says of itself, checked against its files and the codebook."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from services.domain.codebook import FRAMES, RELATIONS, US
from services.errors import ConfigurationError
from services.framing.calibration import Calibration

MODEL_DIR: Final = Path(__file__).with_name("model")
MANIFEST_NAME: Final = "manifest.json"
MODEL_NAME: Final = "model.onnx"
TOKENIZER_NAMES: Final = ("tokenizer.json", "tokenizer_config.json")
FORMAT: Final = 1
_HINT: Final = "reinstall the package, or rebuild the model with 'make train'"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts about one model.

    `max_tokens` is the longest passage in tokens; `calibration` maps a language to the
    numbers that turn logits into probabilities and labels; `files` maps a file name to its
    SHA-256; `scores` is what `tests/eval` measured when the model was built.
    """

    folder: Path
    model_id: str
    base_model: str
    licence: str
    languages: frozenset[str]
    seed: int
    data_digest: str
    max_tokens: int
    calibration: Mapping[str, Calibration]
    scores: Mapping[str, Any]
    files: Mapping[str, str]

    def verify_files(self) -> None:
        """Compare every file with its checksum; ConfigurationError names the one that differs."""
        for name, expected in self.files.items():
            path = self.folder / name
            if not path.is_file():
                raise ConfigurationError(f"The model file {path} is missing; {_HINT}.")
            if file_digest(path) != expected:
                raise ConfigurationError(
                    f"The model file {path} is not the one its manifest describes "
                    f"(the checksum differs); {_HINT}."
                )


def load_manifest(folder: Path | None = None) -> Manifest:
    """Read the manifest in `folder` (default: the model that ships with the package).

    Checks its format and that its labels are those of the codebook, in order; reads no
    weights. Raises ConfigurationError.
    """
    folder = folder or MODEL_DIR
    path = folder / MANIFEST_NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"The model manifest {path} cannot be read; {_HINT}.") from error
    except ValueError as error:
        raise ConfigurationError(f"The model manifest {path} is not JSON; {_HINT}.") from error
    try:
        return _manifest(folder, record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"The model manifest {path} is damaged ({error!r}); {_HINT}."
        ) from error


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(folder: Path, record: Mapping[str, Any]) -> Manifest:
    path = folder / MANIFEST_NAME
    if record["format"] != FORMAT:
        raise ConfigurationError(
            f"The model manifest {path} has format {record['format']!r}, this version of "
            f"Framewatch reads format {FORMAT}; use a model built by the same version."
        )
    expected = {"us": list(US), "relations": list(RELATIONS), "frames": list(FRAMES)}
    if record["labels"] != expected:
        raise ConfigurationError(
            f"The model in {folder} was trained on other labels than the codebook of this "
            f"version has; rebuild it with 'make train'."
        )
    missing = {MODEL_NAME, *TOKENIZER_NAMES} - set(record["files"])
    if missing:
        raise ConfigurationError(
            f"The model manifest {path} has no checksum of {min(missing)}; {_HINT}."
        )
    languages = frozenset(str(language) for language in record["languages"])
    calibration = {name: Calibration.from_record(record["calibration"][name]) for name in languages}
    return Manifest(
        folder=folder,
        model_id=str(record["model_id"]),
        base_model=str(record["base_model"]),
        licence=str(record["licence"]),
        languages=languages,
        seed=int(record["seed"]),
        data_digest=str(record["data_digest"]),
        max_tokens=int(record["max_tokens"]),
        calibration=MappingProxyType(calibration),
        scores=MappingProxyType(dict(record["scores"])),
        files=MappingProxyType({str(k): str(v) for k, v in record["files"].items()}),
    )
