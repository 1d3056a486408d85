"""The command `outlets`: the catalogue and the health of its collection."""

from __future__ import annotations

from typing import Annotated

import typer

from services import queries
from services.cli.options import CatalogueFile, Data, Json, settings_for
from services.cli.outlets_add import add
from services.cli.outlets_show import show, tell
from services.cli.output import print_json, table
from services.context import Context, open_context
from services.queries import OutletHealth
from services.queries.words import ago, ahead

app = typer.Typer(
    help="Show each outlet and the health of its collection; add outlets of your own.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
_TITLE = (
    "Outlets (last new: how long ago; gap: articles usual since then, of how many that make a "
    "silence)"
)


@app.callback()
def outlets(
    context: typer.Context,
    data: Data = None,
    catalogue: CatalogueFile = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Everything about each outlet's collection.")
    ] = False,
    as_json: Json = False,
) -> int | None:
    """Show each outlet and the health of its collection; add outlets of your own."""
    if context.invoked_subcommand is not None:
        return None
    with open_context(settings_for(data, catalogue)) as opened:
        if as_json:
            details = queries.outlet_details(opened)
            print_json([queries.outlet_row(item, days=verbose) for item in details])
        elif verbose:
            for detail in queries.outlet_details(opened):
                tell(detail, opened.clock())
        else:
            _list(opened)
    return 0


def _list(context: Context) -> None:
    now = context.clock()
    rows = [
        (
            item.outlet.id,
            item.status,
            ago(item.last_entry, now),
            _gap_words(item),
            ahead(item.state.next_poll if item.state and item.asked else None, now),
            _what(item),
        )
        for item in queries.outlet_health(context)
    ]
    table(_TITLE, ("outlet", "status", "last new", "gap", "next poll", "what"), rows)


def _gap_words(item: OutletHealth) -> str:
    if item.gap is None or item.patience is None:
        return "–"
    return f"{item.gap.expected:.0f} of {item.patience.limit:.0f}"


def _what(item: OutletHealth) -> str:
    """What is the matter; how much it publishes where nothing is."""
    if item.status != "ok":
        return item.sentence
    usual = f", {item.patience.pace.daily:.0f} a day" if item.patience else ""
    moved = " Its feed has moved." if item.state and item.state.address else ""
    return f"{item.articles:,} articles{usual}.{moved}"


app.command("show")(show)
app.command("add")(add)
