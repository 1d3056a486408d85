"""The command `outlets`: the catalogue and the health of its collection."""

from __future__ import annotations

import typer

from services import queries
from services.cli.options import CatalogueFile, Data, Json, settings_for
from services.cli.outlets_add import add
from services.cli.output import print_json, table
from services.context import open_context

app = typer.Typer(
    help="Show each outlet and the health of its collection; add outlets of your own.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def outlets(
    context: typer.Context,
    data: Data = None,
    catalogue: CatalogueFile = None,
    as_json: Json = False,
) -> int | None:
    """Show each outlet and the health of its collection; add outlets of your own."""
    if context.invoked_subcommand is not None:
        return None
    with open_context(settings_for(data, catalogue)) as opened:
        health = queries.outlet_health(opened)
    if as_json:
        print_json([queries.health_row(item) for item in health])
        return 0
    rows = []
    for item in health:
        state = item.state
        success = f"{state.last_success:%Y-%m-%d %H:%M}" if state and state.last_success else "–"
        rows.append(
            (
                item.outlet.name,
                str(item.outlet.group),
                item.outlet.language,
                str(item.outlet.certainty),
                f"{item.articles:,}",
                item.status,
                success,
                item.sentence,
            )
        )
    columns = ("outlet", "group", "lang", "sure", "articles", "status", "last success", "what")
    table("Outlets (sure: how certain the feed address is, A to C)", columns, rows)
    return 0


app.command("add")(add)
