"""The codebook data file: titles and descriptions of labels, and the signals built of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from services.domain.codebook import LABELS
from services.domain.series import ABOUTS, Signal
from services.errors import ConfigurationError

CODEBOOK_FILE: Final = Path(__file__).with_name("codebook.yaml")
_LABEL_FIELDS: Final = ("en", "ru", "description")


@dataclass(frozen=True, slots=True)
class LabelText:
    """How one label is shown: its title in two languages and one line on what it says."""

    label: str
    en: str
    ru: str
    description: str

    def title(self, language: str = "en") -> str:
        """Return the title in `language`; English when there is none."""
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True, slots=True)
class Codebook:
    """Texts of all labels in the canonical order, and the signals by name."""

    labels: Mapping[str, LabelText]
    signals: Mapping[str, Signal]


def load_codebook(path: Path | None = None) -> Codebook:
    """Read the codebook that ships with the package, or the one at `path`.

    Raises ConfigurationError that names the file, the entry and what is wrong with it.
    """
    path = path or CODEBOOK_FILE
    try:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"The codebook {path} cannot be read: {error}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The codebook {path} is not valid YAML: {error}") from error
    if not isinstance(record, dict) or set(record) != {"labels", "signals"}:
        raise ConfigurationError(f"The codebook {path} must hold 'labels' and 'signals' only.")
    return Codebook(_labels(record["labels"], path), _signals(record["signals"], path))


def _labels(record: Any, path: Path) -> Mapping[str, LabelText]:
    entries = _mapping(record, "labels", path)
    unknown = [name for name in entries if name not in LABELS]
    if unknown:
        raise ConfigurationError(
            f"The codebook {path} describes {unknown[0]!r}, which is not a label of the model; "
            f"a new label needs a retrained model."
        )
    missing = [name for name in LABELS if name not in entries]
    if missing:
        raise ConfigurationError(f"The codebook {path} does not describe {', '.join(missing)}.")
    texts = {}
    for name in LABELS:
        entry = _mapping(entries[name], name, path)
        if set(entry) != set(_LABEL_FIELDS):
            raise ConfigurationError(
                f"The codebook {path} must give {name} exactly {', '.join(_LABEL_FIELDS)}."
            )
        texts[name] = LabelText(
            name, *(_text(entry[field], f"{name}.{field}", path) for field in _LABEL_FIELDS)
        )
    return MappingProxyType(texts)


def _signals(record: Any, path: Path) -> Mapping[str, Signal]:
    signals = {}
    for name, value in _mapping(record, "signals", path).items():
        entry = _mapping(value, f"signal {name}", path)
        if set(entry) != {"title", "about", "labels"}:
            raise ConfigurationError(
                f"The codebook {path} must give signal {name} exactly title, about, labels."
            )
        labels = entry["labels"]
        if not isinstance(labels, list) or not labels:
            raise ConfigurationError(f"The codebook {path} gives signal {name} no list of labels.")
        for label in labels:
            if label not in LABELS:
                raise ConfigurationError(
                    f"The codebook {path} builds signal {name} on {label!r}, "
                    f"which is not a label; labels look like relations=detente."
                )
        if len(set(labels)) < len(labels):
            raise ConfigurationError(f"The codebook {path} repeats a label in signal {name}.")
        if entry["about"] not in ABOUTS:
            raise ConfigurationError(
                f"The codebook {path} says about: {entry['about']!r} in signal {name}; "
                f"it must be one of {', '.join(ABOUTS)}."
            )
        title = _text(entry["title"], f"{name}.title", path)
        signals[name] = Signal(name, title, entry["about"], tuple(labels))
    return MappingProxyType(signals)


def _mapping(value: Any, what: str, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ConfigurationError(f"The codebook {path} needs a mapping of names under {what}.")
    return value


def _text(value: Any, what: str, path: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"The codebook {path} needs a text for {what}.")
    return value.strip()
