"""`framewatch stories`: what several outlets carry in the same words, and who was first."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from services import queries
from services.cli.options import Data, Groups, Json, Outlets, Since, Until, settings_for, span
from services.cli.output import clean, out, print_jsonl, say
from services.context import Context, open_context
from services.queries.stories import Story, Telling, outlet_name, story_days
from services.queries.words import ORIGIN_TITLES, days, duration


def stories(
    outlet: Outlets = None,
    group: Groups = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Stories at most.")] = 20,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """List stories that several outlets carry; most outlets first, of the last seven days.

    Who was first follows from the times that the outlets state. With --json one object a line.
    """
    first, last = span(since, until)
    with open_context(settings_for(data)) as context:
        found = queries.stories(
            context,
            outlet=tuple(outlet or ()),
            group=tuple(group or ()),
            since=first,
            until=last,
            limit=limit,
        )
        if as_json:
            print_jsonl(queries.story_row(context, story) for story in found)
            return 0
        for story in found:
            _print(context, story)
        _print_sum(len(found), limit, days(*story_days(context, first, last)))
    return 0


def _print(context: Context, story: Story) -> None:
    out.print(Text(clean(story.tellings[0].article.title), style="bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for item in story.tellings:
        name = clean(outlet_name(context, item.article.outlet))
        grid.add_row(f"  {name}", _when(item), _remark(item))
    out.print(grid)
    out.print()


def _when(item: Telling) -> str:
    time = f"{item.article.published:%Y-%m-%d %H:%M} UTC"
    return f"{time} first" if item.first else f"{time} after {duration(item.after)}"


def _remark(item: Telling) -> str:
    remarks = [] if item.stated else ["no usable time stated: time of collection"]
    if item.seen is None:
        remarks.append(ORIGIN_TITLES[item.article.origin])
    return ", ".join(remarks)


def _print_sum(shown: int, limit: int, when: str) -> None:
    if not shown:
        say(f"No story of {when} is carried by several outlets. Other days: --since, --until.")
        return
    more = " There may be more; raise --limit." if shown == limit else ""
    say(f"{shown} stor{'y' if shown == 1 else 'ies'} of {when}, by the times outlets state.{more}")
