"""`framewatch revisions`: what outlets changed after publication."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from services import queries
from services.cli.options import Data, Groups, Json, Outlets, Since, Until, settings_for, span
from services.cli.output import clean, out, print_jsonl, safe, say
from services.context import Context, open_context
from services.domain.edit import Edit
from services.index.records import EditPage
from services.queries.differences import Piece
from services.queries.edits import Change, changes, in_words
from services.queries.words import label_title

_SPACES: Final = re.compile(r"\s+")
_MARKS: Final = {
    "kept": ("", "", ""),
    "cut": ("", "", "dim"),
    "removed": ("[-", "-]", "red"),
    "added": ("{+", "+}", "green"),
}
_NAMES: Final = {"title": "title", "lead": "summary", "text": "text"}


def revisions(
    outlet: Outlets = None,
    group: Groups = None,
    since: Since = None,
    until: Until = None,
    reframed: Annotated[
        bool, typer.Option("--reframed", help="Only edits after which the labels changed.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Edits at most.")] = 20,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """List what outlets changed in articles after publication; newest first.

    Removed words stand in [-…-], added ones in {+…+}. With --json one object a line.
    """
    first, last = span(since, until)
    with open_context(settings_for(data)) as context:
        request = queries.edit_request(
            context,
            outlet=tuple(outlet or ()),
            group=tuple(group or ()),
            since=first,
            until=last,
            reframed=reframed,
            limit=limit,
        )
        page = context.store.edits(request)
        if as_json:
            print_jsonl(map(queries.edit_row, page.edits))
            return 0
        for edit in page.edits:
            _print_edit(context, edit)
    _print_sum(page, reframed)
    return 0


def _print_edit(context: Context, edit: Edit) -> None:
    article, found = edit.article, changes(edit.before, edit.after)
    source = context.catalogue.get(article.outlet)
    name = clean(source.name if source else article.outlet)
    parts = in_words([change.part for change in found])
    out.print(Text(f"{name} changed {parts}", style="bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for what, words in _lines(context, edit, found):
        grid.add_row(f"  {what}", words)
    with out.capture() as captured:
        out.print(grid)
    out.file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    out.print(Text(f"  {clean(article.url)}", style="dim"))
    out.print()


def _lines(context: Context, edit: Edit, found: Sequence[Change]) -> Iterator[tuple[str, Text]]:
    published = edit.article.published
    yield (
        "seen",
        Text(
            f"{edit.after.collected:%Y-%m-%d %H:%M} UTC, published {published:%Y-%m-%d %H:%M} UTC"
        ),
    )
    if all(change.part != "title" for change in found):
        yield "title", Text(clean(edit.after.title))
    for change in found:
        if change.part == "title":
            yield "title was", Text(clean(edit.before.title))
            yield "title now", Text(clean(edit.after.title))
        else:
            yield _NAMES[change.part], Text().join(map(_marked, change.pieces))
    yield "labels", Text(_labels(context, edit))


def _marked(piece: Piece) -> Text:
    """Return a piece between its marks, which say without colour what became of it."""
    opening, closing, style = _MARKS[piece.kind]
    text = _SPACES.sub(" ", safe(piece.text))
    words = text.lstrip()
    return Text(text[: len(text) - len(words)]).append(f"{opening}{words}{closing}", style=style)


def _labels(context: Context, edit: Edit) -> str:
    """Say how the labels of the two versions differ, and no more than is known."""

    def titles(labels: tuple[str, ...]) -> str:
        return ", ".join(label_title(context, label) for label in labels)

    if edit.reframed:
        lost = [f"no longer: {titles(edit.lost)}"] if edit.lost else []
        gained = [f"new: {titles(edit.gained)}"] if edit.gained else []
        return "; ".join(lost + gained)
    if edit.comparable:
        return "the same before and after"
    if edit.framing_before is None or edit.framing_after is None:
        return "not both versions are classified yet"
    if bool(edit.before.text) != bool(edit.after.text):
        return "not compared: the text of only one version is known"
    return "not compared: the model does not read one of the versions"


def _print_sum(page: EditPage, reframed: bool) -> None:
    shown, other = len(page.edits), sum(edit.reframed for edit in page.edits)
    if not shown:
        what = "after which the labels changed" if reframed else "of articles"
        say(f"No edits {what} were seen.")
        return
    more = " There are more; raise --limit or narrow the days." if page.next else ""
    edits = f"{shown} edit{'' if shown == 1 else 's'}, newest first"
    say(f"{edits}; with {other or 'none'} of them the labels changed.{more}")
