"""Examples of answers for the OpenAPI document: made up, in the shape of the schemas."""

from __future__ import annotations

from typing import Any, Final

Example = dict[str, Any]

ARTICLE: Final[Example] = {
    "id": "0f8b4c1d2e3a49586776859403a2b1c0",
    "outlet": "tass",
    "url": "https://news.example/talks",
    "title": "Envoys meet for talks on arms limits",
    "lead": "Both sides called the meeting useful.",
    "language": "en",
    "published": "2025-02-18T09:30:00Z",
    "date_quality": "stated",
    "origin": "live",
    "collected": "2025-02-18T09:45:12Z",
    "snippet": "Envoys meet for talks",
    "framing": {
        "outcome": "classified",
        "model": "minilm-1",
        "us": "neutral",
        "us_p": {
            "hostile": 0.05,
            "favourable": 0.1,
            "neutral": 0.8,
            "absent": 0.05,
        },
        "relations": "detente",
        "relations_p": {
            "confrontation": 0.04,
            "detente": 0.9,
            "mixed": 0.05,
            "absent": 0.01,
        },
        "frames": ["dialogue", "arms_control"],
        "frames_p": {"dialogue": 0.93, "arms_control": 0.88},
        "evidence": [
            {
                "text": "Envoys meet for talks on arms limits",
                "start": -1,
                "end": -1,
                "labels": {"relations=detente": 0.9},
            }
        ],
    },
}

PROBLEM: Final[Example] = {
    "title": "The request is wrong",
    "status": 422,
    "detail": "There is no us 'angry'. There are: hostile, favourable, neutral, absent.",
}

SERIES: Final[Example] = {
    "series": "relations=detente|group:state|us",
    "model": "minilm-1",
    "points": [
        {
            "day": "2025-02-17",
            "n": 84,
            "k": 21,
            "share": 0.25,
            "low": 0.17,
            "high": 0.35,
            "expected": 0.24,
            "series": "relations=detente|group:state|us",
            "source": "collected",
            "observed": "partly",
            "outlets": 9,
            "outlets_missing": ["rt"],
        }
    ],
    "reference": [],
    "note": "",
}

SHIFT: Final[Example] = {
    "id": "6c1f0a9b8d7e4f3a2b1c0d9e8f7a6b5c",
    "series": "signal=thaw|group:state|us",
    "direction": "up",
    "level": "alert",
    "arl": 5000.0,
    "alarm_date": "2025-02-24",
    "first_alarm": "2025-02-20",
    "onset": "2025-02-16",
    "onset_low": "2025-02-14",
    "onset_high": "2025-02-18",
    "baseline": {
        "share": 0.06,
        "low": 0.05,
        "high": 0.07,
        "n": 1120,
        "from": "2025-01-15",
        "to": "2025-02-11",
    },
    "current": {
        "share": 0.15,
        "low": 0.13,
        "high": 0.18,
        "n": 610,
        "from": "2025-02-16",
        "to": "2025-03-02",
    },
    "outlets": ["rt", "tass"],
    "model": "minilm-1",
    "evidence": ["0f8b4c1d2e3a49586776859403a2b1c0"],
    "source": "collected",
    "seam": None,
}

HEALTH: Final[Example] = {
    "status": "ok",
    "checks": {
        "store": {"ok": True, "sentence": "The store answers."},
        "model": {"ok": True, "sentence": "Model minilm-1 is in place."},
        "polls": {"ok": True, "sentence": "A feed was asked 42 seconds ago."},
    },
    "last_poll_age": 42.0,
    "articles": 35644,
}
