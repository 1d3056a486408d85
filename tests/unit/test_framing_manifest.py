"""The manifest: read, checked against the codebook, and every damage named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.domain.codebook import FRAMES
from services.errors import ConfigurationError
from services.framing.calibration import Calibration, Choice
from services.framing.manifest import MANIFEST_NAME, file_digest, load_manifest


def _record(folder: Path) -> dict[str, Any]:
    files = {}
    for name in ("model.onnx", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes(f"the bytes of {name}".encode())
        files[name] = file_digest(folder / name)
    plain = Choice(1.0, (0.0,) * 4, (1.0,) * 4)
    many = (0.5,) * len(FRAMES)
    return {
        "format": 1,
        "model_id": "minilm-en-12345678",
        "base_model": "an encoder",
        "licence": "Apache-2.0",
        "languages": ["en"],
        "seed": 7,
        "data_digest": "0" * 64,
        "max_tokens": 96,
        "labels": {
            "us": ["hostile", "favourable", "neutral", "absent"],
            "relations": ["confrontation", "detente", "mixed", "absent"],
            "frames": list(FRAMES),
        },
        "calibration": {"en": Calibration(plain, plain, many, many, many).to_record()},
        "scores": {},
        "files": files,
    }


def _write(folder: Path, record: Any) -> None:
    (folder / MANIFEST_NAME).write_text(json.dumps(record), encoding="utf-8")


def test_a_good_manifest_is_read_and_its_files_verified(tmp_path: Path) -> None:
    _write(tmp_path, _record(tmp_path))
    manifest = load_manifest(tmp_path)
    manifest.verify_files()
    assert manifest.model_id == "minilm-en-12345678"
    assert manifest.languages == {"en"}


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda record: record.update(format=99), "format 99"),
        (lambda record: record["labels"]["frames"].reverse(), "other labels than the codebook"),
        (lambda record: record["files"].pop("model.onnx"), "no checksum of model.onnx"),
        (lambda record: record.pop("calibration"), "damaged"),
        (lambda record: record.update(languages=["en", "ru"]), "damaged"),
        (lambda record: record.update(max_tokens="many"), "damaged"),
    ],
)
def test_a_manifest_that_does_not_fit_is_named(
    tmp_path: Path, edit: Callable[[dict[str, Any]], None], message: str
) -> None:
    record = _record(tmp_path)
    edit(record)
    _write(tmp_path, record)
    with pytest.raises(ConfigurationError, match=message):
        load_manifest(tmp_path)


@pytest.mark.parametrize("content", ["", "[1, 2]", "{", "null"])
def test_a_file_that_is_no_manifest_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / MANIFEST_NAME).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"manifest\.json"):
        load_manifest(tmp_path)


def test_a_missing_manifest_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="make train"):
        load_manifest(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "tokenizer_config.json"])
def test_a_changed_or_missing_file_is_named(tmp_path: Path, name: str) -> None:
    _write(tmp_path, _record(tmp_path))
    manifest = load_manifest(tmp_path)
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match=f"{name} is not the one"):
        manifest.verify_files()
    (tmp_path / name).unlink()
    with pytest.raises(ConfigurationError, match=f"{name} is missing"):
        manifest.verify_files()
