"""The label space: what the classifier says about a text, and how labels are written.

A label is written `us=hostile`, `relations=detente` or `frame=dialogue` everywhere a user
or another program meets it. The order of the tuples below is the order of the model's
outputs; the model's manifest repeats it and is checked against it.
"""

from __future__ import annotations

from typing import Final

US: Final = ("hostile", "favourable", "neutral", "absent")
RELATIONS: Final = ("confrontation", "detente", "mixed", "absent")
FRAMES: Final = (
    "us_hegemony",
    "western_decline",
    "double_standards",
    "nato_threat",
    "proxy_war",
    "sanctions_backfire",
    "russophobia",
    "war_brink",
    "multipolarity",
    "russia_strength",
    "dialogue",
    "business",
    "arms_control",
    "us_peacemaker",
    "thaw_spoilers",
    "europe_hawks",
    "ukraine_discredited",
    "great_power_triangle",
    "third_states_choose",
)

LABELS: Final = (
    *(f"us={name}" for name in US),
    *(f"relations={name}" for name in RELATIONS),
    *(f"frame={name}" for name in FRAMES),
)
"""All 27 labels in the canonical order (us, relations, frames)."""

LABEL_INDEX: Final = {label: position for position, label in enumerate(LABELS)}
