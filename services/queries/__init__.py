"""The read side: questions that the command line, the API, the page and the mails share."""

from services.queries.alerts import LedgerEntry, alert_ledger, mask_target
from services.queries.articles import ArticleDetail, article_detail, search_request
from services.queries.edit_rows import edit_row
from services.queries.edits import edit_request, versions
from services.queries.facts import alert_facts
from services.queries.gaps import gap_facts, open_gaps
from services.queries.health import OutletHealth, nothing_reachable, outlet_health
from services.queries.health_rows import health_row, outlet_row
from services.queries.names import parse_label, series_key
from services.queries.outlet import OutletDetail, outlet_details
from services.queries.process import ProcessHealth, process_health
from services.queries.rows import (
    detail_row,
    framing_row,
    hit_row,
    point_row,
    shift_row,
)
from services.queries.series import SeriesResult, series
from services.queries.shifts import baseline_days, find_shift, shifts, watch
from services.queries.stories import carried, stories, story_row

__all__ = [
    "ArticleDetail",
    "LedgerEntry",
    "OutletDetail",
    "OutletHealth",
    "ProcessHealth",
    "SeriesResult",
    "alert_facts",
    "alert_ledger",
    "article_detail",
    "baseline_days",
    "carried",
    "detail_row",
    "edit_request",
    "edit_row",
    "find_shift",
    "framing_row",
    "gap_facts",
    "health_row",
    "hit_row",
    "mask_target",
    "nothing_reachable",
    "open_gaps",
    "outlet_details",
    "outlet_health",
    "outlet_row",
    "parse_label",
    "point_row",
    "process_health",
    "search_request",
    "series",
    "series_key",
    "shift_row",
    "shifts",
    "stories",
    "story_row",
    "versions",
    "watch",
]
