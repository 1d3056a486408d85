"""Edits as plain JSON rows: what the command line prints and the API answers."""

from __future__ import annotations

from typing import Any

from services.domain.article import Revision
from services.domain.edit import Edit
from services.domain.prediction import Prediction
from services.queries.edits import changes

Json = dict[str, Any]


def edit_row(edit: Edit) -> Json:
    """Return one edit: the article, both versions with their labels, and the changed words.

    `changed` is when the later version was first seen. The texts themselves are left out; the
    article in full has them.
    """
    article = edit.article
    found = changes(edit.before, edit.after)
    return {
        "article": article.id,
        "outlet": article.outlet,
        "url": article.url,
        "language": article.language,
        "published": article.published.isoformat(),
        "changed": edit.after.collected.isoformat(),
        "parts": [change.part for change in found],
        "before": _version(edit.before, edit.framing_before),
        "after": _version(edit.after, edit.framing_after),
        "differences": [
            {
                "part": change.part,
                "pieces": [{"kind": piece.kind, "text": piece.text} for piece in change.pieces],
            }
            for change in found
        ],
        "comparable": edit.comparable,
        "reframed": edit.reframed,
        "lost": list(edit.lost),
        "gained": list(edit.gained),
    }


def _version(revision: Revision, framing: Prediction | None) -> Json:
    return {
        "content_hash": revision.content_hash,
        "seen": revision.collected.isoformat(),
        "title": revision.title,
        "lead": revision.lead,
        "has_text": bool(revision.text),
        "outcome": framing.outcome.value if framing else None,
        "model": framing.model if framing else None,
        "labels": list(framing.labels()) if framing else [],
    }
