"""What is to be back-filled, and how."""

from __future__ import annotations

from dataclasses import dataclass

from services.collect.backfill.found import Span
from services.collect.backfill.tally import SOURCES, SourceName
from services.domain.outlet import Outlet


@dataclass(frozen=True, slots=True)
class Request:
    """What to back-fill. `site` limits it to addresses that begin so; empty: the outlet's site.

    `sources` in order; with `only_gaps` the archive is asked only for months that the others
    left empty. `limit`: end after so many new articles. `pages`: fetch the pages of what a
    source names without title or date. `plan`: only look what there is, and store nothing.
    """

    outlet: Outlet
    span: Span
    sources: tuple[SourceName, ...] = SOURCES
    only_gaps: bool = True
    site: str = ""
    pages: bool = True
    limit: int | None = None
    plan: bool = False
