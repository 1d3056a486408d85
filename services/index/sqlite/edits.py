"""What was changed after publication: neighbouring versions and what was said about each.

An edit is a row of `revisions` together with the version that follows it: the next such row,
or the article as it stands.
"""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from services.domain.article import Article, Revision
from services.domain.edit import Edit
from services.domain.identity import story_key
from services.errors import UsageError
from services.index.records import EditPage, EditQuery
from services.index.sqlite import article_rows, predictions
from services.index.sqlite.article_rows import JOIN_TEXT, article_from_row
from services.index.sqlite.connection import Database
from services.index.sqlite.cursors import make_cursor, read_cursor
from services.index.sqlite.models import model_key
from services.index.sqlite.predictions import prediction_from_row
from services.index.sqlite.values import json_list, time_from_column, time_to_column

MOST_EDITS: Final = 1000
"""The most edits of one page; a larger limit is cut to this."""

_REVISION: Final = "r.content_hash, r.collected, r.title, r.lead, r.text"
_VERSION_WIDTH: Final = 5
_PREDICTION_WIDTH: Final = 12

# Rows are found by their keys first, so that texts and evidence are read for one page only.
_FOUND: Final = """
SELECT r.key, r.replaced, n.key AS next, b.key AS before, f.key AS after
FROM revisions r JOIN articles a ON a.key = r.article
LEFT JOIN revisions n ON n.key = (
    SELECT min(k.key) FROM revisions k WHERE k.article = r.article AND k.key > r.key
)
LEFT JOIN predictions b
ON b.article = r.article AND b.model = :model AND b.content_hash = r.content_hash
LEFT JOIN predictions f ON f.article = r.article AND f.model = :model
AND f.content_hash = coalesce(n.content_hash, a.content_hash)
WHERE {where} ORDER BY r.replaced DESC, r.key DESC LIMIT :limit
"""
_PAGE: Final = f"""
SELECT e.key, e.replaced, {article_rows.COLUMNS}, {_REVISION},
    coalesce(n.content_hash, a.content_hash), coalesce(n.collected, a.collected),
    coalesce(n.title, a.title), coalesce(n.lead, a.lead), coalesce(n.text, t.text, ''),
    {predictions.COLUMNS}, {predictions.COLUMNS.replace("p.", "q.").replace("m.", "o.")}
FROM ({_FOUND}) e JOIN revisions r ON r.key = e.key JOIN articles a ON a.key = r.article
{JOIN_TEXT} LEFT JOIN revisions n ON n.key = e.next
LEFT JOIN predictions p ON p.key = e.before LEFT JOIN models m ON m.key = p.model
LEFT JOIN predictions q ON q.key = e.after LEFT JOIN models o ON o.key = q.model
ORDER BY e.replaced DESC, e.key DESC
"""
# Only what was labelled both times, and on like material, can be said to be framed anew.
_REFRAMED: Final = (
    "b.us IS NOT NULL AND f.us IS NOT NULL "
    "AND (b.us <> f.us OR b.relations <> f.relations OR b.frames <> f.frames) "
    "AND (r.text = '') = (coalesce(n.text, (SELECT x.text FROM texts x WHERE x.article = a.key), "
    "'') = '')"
)
_WAITING: Final = f"""
SELECT {article_rows.COLUMNS}, {_REVISION} FROM (
    SELECT max(r.key) AS key, max(r.collected) AS collected FROM revisions r
    JOIN articles a ON a.key = r.article
    WHERE r.content_hash <> a.content_hash AND NOT EXISTS (
        SELECT 1 FROM predictions p WHERE p.article = r.article AND p.model IS ?
        AND p.content_hash = r.content_hash
    ) GROUP BY r.article, r.content_hash ORDER BY 2 DESC, 1 DESC LIMIT ?
) w JOIN revisions r ON r.key = w.key JOIN articles a ON a.key = r.article {JOIN_TEXT}
ORDER BY w.collected DESC, w.key DESC
"""


class _Row(NamedTuple):
    """One row of `_PAGE`."""

    key: int
    replaced: int
    edit: Edit


class Edits:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def revisions(self, article_id: str) -> list[Revision]:
        """Return all versions, oldest first, the current one last."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_REVISION} FROM revisions r "
                "JOIN articles a ON a.key = r.article WHERE a.id = ? ORDER BY r.key",
                (article_id,),
            ).fetchall()
            rows += connection.execute(
                "SELECT a.content_hash, a.collected, a.title, a.lead, coalesce(t.text, '') "
                f"FROM articles a {JOIN_TEXT} WHERE a.id = ?",
                (article_id,),
            ).fetchall()
        return [_revision(article_id, row) for row in rows]

    def unclassified_versions(self, model: str, limit: int) -> list[Article]:
        """Return earlier versions, as articles, that `model` has not seen, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_WAITING, (model_key(connection, model), limit)).fetchall()
        return [_earlier_article(row) for row in rows]

    def edits(self, query: EditQuery) -> EditPage:
        """Return one page of edits, newest first."""
        if query.limit < 1:
            raise UsageError(f"A page of {query.limit} edits was asked for; ask for at least 1.")
        limit = min(query.limit, MOST_EDITS)
        where, values = _conditions(query)
        with self._database.reading() as connection:
            values |= {"model": model_key(connection, query.model), "limit": limit + 1}
            rows = connection.execute(_PAGE.format(where=where), values).fetchall()
        found = [_edit(row) for row in rows]
        page = found[:limit]
        more = make_cursor(page[-1].replaced, str(page[-1].key)) if len(found) > limit else ""
        return EditPage(tuple(row.edit for row in page), more)


def _conditions(query: EditQuery) -> tuple[str, dict[str, object]]:
    """Return the WHERE clause on `revisions r`, `articles a` and predictions, with its values."""
    # The plus sign keeps the edits of one article from being looked up by their time.
    found = ["+r.edit = 1" if query.article_id else "r.edit = 1"]
    values: dict[str, object] = {}
    if query.outlets:
        found.append("a.outlet IN (SELECT value FROM json_each(:outlets))")
        values["outlets"] = json_list(query.outlets)
    if query.article_id:
        found.append("a.id = :article")
        values["article"] = query.article_id
    if query.since:
        found.append("r.replaced >= :since")
        values["since"] = _start(query.since)
    if query.until:
        found.append("r.replaced < :until")
        values["until"] = _start(query.until) + _DAY
    if query.reframed:
        found.append(_REFRAMED)
    if query.cursor:
        found.append("(r.replaced, r.key) < (:time, :key)")
        values["time"], values["key"] = _position(query.cursor)
    return " AND ".join(found), values


def _position(cursor: str) -> tuple[int, int]:
    replaced, key = read_cursor(cursor)
    return replaced, int(key) if key.isdecimal() else 0


_DAY: Final = timedelta(days=1) // timedelta(microseconds=1)


def _start(day: date) -> int:
    return time_to_column(datetime.combine(day, time(), UTC))


def _revision(article_id: str, row: Sequence[Any]) -> Revision:
    return Revision(article_id, row[0], time_from_column(row[1]), row[2], row[3], row[4])


def _earlier_article(row: tuple[Any, ...]) -> Article:
    """Return the version of a row of `_WAITING` as an article with the words of then."""
    current = article_from_row(row)
    then = _revision(current.id, row[article_rows.WIDTH :])
    return Article(
        id=current.id,
        outlet=current.outlet,
        url=current.url,
        title=then.title,
        lead=then.lead,
        text=then.text,
        language=current.language,
        published=current.published,
        date_quality=current.date_quality,
        collected=then.collected,
        content_hash=then.content_hash,
        story=story_key(then.title),
        author=current.author,
        section=current.section,
        origin=current.origin,
    )


def _edit(row: tuple[Any, ...]) -> _Row:
    article = article_from_row(row[2:])
    before = 2 + article_rows.WIDTH
    after = before + _VERSION_WIDTH
    first = after + _VERSION_WIDTH
    second = first + _PREDICTION_WIDTH
    then, now = row[first:second], row[second:]
    edit = Edit(
        article=article,
        before=_revision(article.id, row[before:after]),
        after=_revision(article.id, row[after:first]),
        framing_before=None if then[0] is None else prediction_from_row(article.id, then),
        framing_after=None if now[0] is None else prediction_from_row(article.id, now),
    )
    return _Row(row[0], row[1], edit)
