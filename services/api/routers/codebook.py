"""The codebook: what can be asked for."""

from __future__ import annotations

from fastapi import APIRouter

from services.api.schemas import CodebookAnswer, LabelRow, SignalRow
from services.api.state import Installation

router = APIRouter(prefix="/api/codebook", tags=["codebook"])


@router.get("", summary="Labels and signals")
def codebook(context: Installation) -> CodebookAnswer:
    """Every label with its title in English and Russian, and the signals built of labels."""
    return CodebookAnswer(
        labels=tuple(
            LabelRow(
                label=item.label, title=item.en, title_ru=item.ru, description=item.description
            )
            for item in context.codebook.labels.values()
        ),
        signals=tuple(
            SignalRow(name=name, title=item.title, about=item.about, labels=item.labels)
            for name, item in context.codebook.signals.items()
        ),
    )
