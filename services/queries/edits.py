"""What outlets changed after publication: which part, in which words, and how it is framed.

An edit is what was seen: one version, and another one at a later look. When between the two
looks it was made, by whom and why is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal

from services.context import Context
from services.domain.article import Revision
from services.domain.edit import Edit
from services.domain.prediction import Prediction
from services.errors import UsageError
from services.index.records import EditQuery
from services.queries.articles import ArticleDetail
from services.queries.differences import Piece, difference, shortened
from services.queries.names import Names, check_days, day, outlet_ids

Part = Literal["title", "lead", "text"]
PARTS: Final[tuple[Part, ...]] = ("title", "lead", "text")
MAX_EDITS: Final = 1000
MAX_VERSIONS: Final = 50
"""The most versions of one article that are compared: the newest ones."""
_TITLE_WORDS: Final = 100  # a title is shown whole


@dataclass(frozen=True, slots=True)
class Change:
    """How one part of an article changed, cut to the changed places."""

    part: Part
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article, and how it differs from the one before.

    `edit` is None for the first version, and where one of the two comes from a file or an
    archive, so that their difference need not be the outlet's doing.
    """

    revision: Revision
    prediction: Prediction | None
    changes: tuple[Change, ...]
    edit: Edit | None


def edit_request(
    context: Context,
    *,
    outlet: Names = (),
    group: Names = (),
    since: date | str | None = None,
    until: date | str | None = None,
    reframed: bool = False,
    limit: int = 20,
    cursor: str = "",
) -> EditQuery:
    """Return the store's query for these names; UsageError lists what is valid instead."""
    if not 1 <= limit <= MAX_EDITS:
        raise UsageError(f"'limit' is {limit}, but must be between 1 and {MAX_EDITS}.")
    first, last = day(since, "since"), day(until, "until")
    check_days(first, last)
    return EditQuery(
        model=context.model,
        outlets=outlet_ids(context, outlet, group),
        since=first,
        until=last,
        reframed=reframed,
        limit=limit,
        cursor=cursor,
    )


def changes(before: Revision, after: Revision) -> tuple[Change, ...]:
    """Return the parts that differ in words; of the text only where both are known."""
    pairs = {"title": (before.title, after.title), "lead": (before.lead, after.lead)}
    if before.text and after.text:
        pairs["text"] = (before.text, after.text)
    found = [(part, difference(*pairs[part])) for part in PARTS if part in pairs]
    return tuple(
        Change(part, pieces if part == "title" else shortened(pieces))
        for part, pieces in found
        if pieces
    )


def versions(context: Context, detail: ArticleDetail) -> tuple[Version, ...]:
    """Return an article's newest versions, oldest first, as the active model labels them."""
    labelled, revisions = detail.framings, detail.revisions[-MAX_VERSIONS:]
    query = EditQuery(context.model, article_id=detail.article.id, limit=MAX_VERSIONS)
    page = context.store.edits(query)
    edits = {(_key(edit.before), _key(edit.after)): edit for edit in page.edits}
    found = [Version(revisions[0], labelled.get(revisions[0].content_hash), (), None)]
    for before, after in pairwise(revisions):
        found.append(
            Version(
                after,
                labelled.get(after.content_hash),
                changes(before, after),
                edits.get((_key(before), _key(after))),
            )
        )
    return tuple(found)


def parts_changed(edit: Edit) -> tuple[Part, ...]:
    """Return which parts an edit changed; punctuation counts, white space does not."""
    return tuple(change.part for change in changes(edit.before, edit.after))


def in_words(parts: Sequence[Part]) -> str:
    """Return parts as words: `the title and the text`."""
    named = [f"the {_PART_NAMES[part]}" for part in parts]
    if len(named) > 1:
        return f"{', '.join(named[:-1])} and {named[-1]}"
    return named[0] if named else "the wording"


_PART_NAMES: Final[dict[Part, str]] = {"title": "title", "lead": "summary", "text": "text"}


def _key(revision: Revision) -> tuple[str, object]:
    return revision.content_hash, revision.collected
