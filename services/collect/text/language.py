"""The language of a short text: by its script, by letters only some languages have, by model.

Headlines are short, so the outlet's language counts as a hint; it never overrules the script or
letters that the hinted language does not have. The model (py3langid) is loaded when the letters
leave a question open, which for most headlines of the catalogue they do not.
"""

from __future__ import annotations

import re
import threading
from copy import copy
from functools import lru_cache
from typing import Any, Final

UNKNOWN: Final = "und"
_MAX_CHARS: Final = 2_000
_MIN_LETTERS: Final = 3

_SCRIPTS: Final = {
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "hebrew": re.compile(r"[\u0590-\u05ff]"),
    "arabic": re.compile(r"[\u0600-\u077f\u08a0-\u08ff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
    "georgian": re.compile(r"[\u10a0-\u10ff]"),
    "armenian": re.compile(r"[\u0530-\u058f]"),
    "kana": re.compile(r"[\u3040-\u30ff]"),
    "han": re.compile(r"[\u4e00-\u9fff]"),
    "hangul": re.compile(r"[\uac00-\ud7af]"),
}
_ONE_LANGUAGE: Final = {
    "greek": "el",
    "hebrew": "he",
    "thai": "th",
    "georgian": "ka",
    "armenian": "hy",
    "kana": "ja",
    "han": "zh",
    "hangul": "ko",
}
_LATIN: Final = "en de fr es it pt nl pl cs sk sl hr ro hu sv da no fi et lv lt tr az sq id vi"
_LANGUAGES: Final = {
    "latin": tuple(_LATIN.split()),
    "cyrillic": ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "tg"),
    "arabic": ("ar", "fa", "ur", "ps"),
    "devanagari": ("hi", "mr", "ne"),
}
_RUSSIAN: Final = re.compile(r"[ыэ]")
_NOT_BELARUSIAN: Final = re.compile(r"[ищъїєґ]")
# Letters that Russian does not have, by the languages that have them.
_NOT_RUSSIAN: Final = {
    "be": re.compile(r"ў"),
    "uk": re.compile(r"[іїєґ]"),
    "mk": re.compile(r"[ѓќѕ]"),
    "sr": re.compile(r"[ђћџљњј]"),
    "": re.compile(r"[әғқңөұүһҗҳҷӯ]"),
}
_ENGLISH: Final = re.compile(
    r"\b(the|of|and|with|for|from|by|after|says|will|that|his|her|their|how|why|who|are|has|have"
    r"|not|could|should|against|amid|its|it|this|over|about|into|more|than)\b",
    re.IGNORECASE,
)
_PUNCTUATION: Final = dict.fromkeys(map(ord, "–—‘’“”„«»…\u00a0€£"), " ")
# How many times likelier another language must be before it beats the hint.
_HINT_WEIGHT: Final = 20.0
_SURE: Final = 0.25
_lock = threading.Lock()


def detect_language(text: str, hint: str = "") -> str:
    """Return the ISO 639-1 code of `text`, or "und" when nothing speaks for any language."""
    text = text[:_MAX_CHARS]
    if hint == "en" and _looks_english(text):
        return "en"
    counts = _letters(text)
    script = max(counts, key=lambda name: counts[name])
    if counts[script] < _MIN_LETTERS:
        return hint or UNKNOWN
    if script == "han" and counts["kana"]:
        return "ja"
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script]
    if script == "cyrillic":
        return _cyrillic(text.lower(), hint)
    return _by_model(text, _LANGUAGES[script], hint)


def _looks_english(text: str) -> bool:
    """True for a text in Latin letters with two English function words."""
    plain = text if text.isascii() else text.translate(_PUNCTUATION)
    return plain.isascii() and len({word.lower() for word in _ENGLISH.findall(plain)}) >= 2


def _letters(text: str) -> dict[str, int]:
    """How many letters of each script `text` has; the rare ones are counted when they matter."""
    if text.isascii():
        return {"latin": len(_SCRIPTS["latin"].findall(text))}
    counts = {name: len(_SCRIPTS[name].findall(text)) for name in ("latin", "cyrillic")}
    if 2 * sum(counts.values()) < len(text):
        counts |= {name: len(found.findall(text)) for name, found in _SCRIPTS.items()}
    return counts


def _cyrillic(text: str, hint: str) -> str:
    candidates = _LANGUAGES["cyrillic"]
    russian = len(_RUSSIAN.findall(text))
    others = {name: len(letters.findall(text)) for name, letters in _NOT_RUSSIAN.items()}
    foreign = sum(others.values())
    if not foreign:
        # Without a single letter of its own the text may still be Bulgarian, or very short.
        if russian or hint == "ru":
            return "ru"
        return _by_model(text, candidates, hint)
    if russian > foreign and not others["be"] and not others[""]:
        return "ru"  # a Russian text that quotes a foreign name
    if others["be"] or (others["uk"] and russian and not _NOT_BELARUSIAN.search(text)):
        return "be"
    if others["uk"] and not others[""]:
        return "uk"
    rest = tuple(name for name in candidates if name != "ru")
    return _by_model(text, rest, hint)


def _by_model(text: str, candidates: tuple[str, ...], hint: str) -> str:
    with _lock:
        ranked = _model(candidates).rank(text)
    best, score = ranked[0]
    if dict(ranked).get(hint, 0.0) * _HINT_WEIGHT >= score:
        return hint
    return str(best) if score >= _SURE else UNKNOWN


@lru_cache(maxsize=16)
def _model(candidates: tuple[str, ...]) -> Any:
    """The model narrowed to `candidates`: its probabilities sum to 1 over them."""
    narrowed = copy(_whole_model())  # the large tables are shared
    narrowed.set_languages(candidates)
    return narrowed


@lru_cache(maxsize=1)
def _whole_model() -> Any:
    # Imported here because the import alone costs what a thousand headlines cost.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
