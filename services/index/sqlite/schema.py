"""The schema, as numbered steps that are never changed once released, only added to.

Times are integer microseconds since 1970 UTC, days are ISO dates. Bulky columns stand last in
their tables, so that rows can be filtered without reading them.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Migration(NamedTuple):
    """One step; a step's number is its place in `MIGRATIONS`, from 1."""

    name: str
    statements: tuple[str, ...]


MIGRATIONS: Final = (
    Migration(
        "articles with their versions and words",
        (
            "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
            """CREATE TABLE models (
                key INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                labels TEXT NOT NULL  -- JSON list: what each stored probability belongs to
            )""",
            """CREATE TABLE articles (
                key INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                outlet TEXT NOT NULL,
                language TEXT NOT NULL,
                published INTEGER NOT NULL,
                day TEXT NOT NULL,
                date_quality TEXT NOT NULL,
                collected INTEGER NOT NULL,
                content_hash TEXT NOT NULL,
                story TEXT NOT NULL,
                -- copied from the newest prediction of the current content:
                prediction INTEGER,
                model INTEGER,
                outcome TEXT,
                us TEXT,
                relations TEXT,
                frames TEXT,
                url TEXT NOT NULL,
                author TEXT NOT NULL,
                section TEXT NOT NULL,
                title TEXT NOT NULL,
                lead TEXT NOT NULL
            )""",
            "CREATE INDEX articles_newest ON articles (published DESC, id)",
            "CREATE INDEX articles_by_day ON articles (day, outlet)",
            "CREATE INDEX articles_by_model ON articles (model, published DESC, id, outcome)",
            # Apart from `articles`, because texts are long and lists do not need them.
            """CREATE TABLE texts (
                article INTEGER PRIMARY KEY REFERENCES articles (key), text TEXT NOT NULL
            )""",
            """CREATE TABLE revisions (
                key INTEGER PRIMARY KEY,
                article INTEGER NOT NULL REFERENCES articles (key),
                content_hash TEXT NOT NULL,
                collected INTEGER NOT NULL,
                title TEXT NOT NULL,
                lead TEXT NOT NULL,
                text TEXT NOT NULL
            )""",
            "CREATE INDEX revisions_by_article ON revisions (article, content_hash)",
            # The wording of every version of every title, to know a repeated story.
            """CREATE TABLE stories (
                outlet TEXT NOT NULL,
                story TEXT NOT NULL,
                published INTEGER NOT NULL,
                PRIMARY KEY (outlet, story, published)
            ) WITHOUT ROWID""",
            # Versions that only repeated a story: should their article be stored later under
            # another title, they are not revisions of it.
            """CREATE TABLE repeats (
                id TEXT NOT NULL, content_hash TEXT NOT NULL, PRIMARY KEY (id, content_hash)
            ) WITHOUT ROWID""",
            # Holds stems only; the words of an article are computed again to remove them.
            """CREATE VIRTUAL TABLE words USING fts5 (
                title, lead, text, content='', columnsize=0, tokenize='ascii'
            )""",
        ),
    ),
    Migration(
        "predictions and day counts",
        (
            """CREATE TABLE predictions (
                key INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                article INTEGER NOT NULL REFERENCES articles (key),
                model INTEGER NOT NULL REFERENCES models (key),
                content_hash TEXT NOT NULL,
                outcome TEXT NOT NULL,
                created INTEGER NOT NULL,
                language TEXT NOT NULL,
                us TEXT,
                relations TEXT,
                frames TEXT NOT NULL,  -- names with a space between
                probabilities BLOB NOT NULL,  -- float32, little-endian, as models.labels says
                evidence TEXT NOT NULL  -- JSON list of passages
            )""",
            "CREATE INDEX predictions_by_article ON predictions (article, model, content_hash)",
            """CREATE TABLE dirty_days (
                outlet TEXT NOT NULL,
                day TEXT NOT NULL,
                mark INTEGER NOT NULL,
                PRIMARY KEY (day, outlet)
            ) WITHOUT ROWID""",
            """CREATE TABLE day_counts (
                model INTEGER NOT NULL REFERENCES models (key),
                scope TEXT NOT NULL,
                about TEXT NOT NULL,
                day TEXT NOT NULL,
                n INTEGER NOT NULL,
                counts BLOB NOT NULL,  -- uint32, little-endian, as models.labels says
                sums BLOB NOT NULL,  -- float32, likewise
                outlets TEXT NOT NULL,  -- JSON list
                source TEXT NOT NULL,
                PRIMARY KEY (model, scope, about, day)
            ) WITHOUT ROWID""",
        ),
    ),
    Migration(
        "shifts, alerts and collection",
        (
            """CREATE TABLE shifts (
                id TEXT PRIMARY KEY,
                model TEXT NOT NULL,
                alarm_date TEXT NOT NULL,
                document TEXT NOT NULL  -- JSON of the record
            ) WITHOUT ROWID""",
            "CREATE INDEX shifts_by_alarm ON shifts (alarm_date DESC, id)",
            "CREATE TABLE rules (position INTEGER PRIMARY KEY, document TEXT NOT NULL)",
            """CREATE TABLE alerts (
                key INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                created INTEGER NOT NULL,
                document TEXT NOT NULL
            )""",
            "CREATE INDEX alerts_by_time ON alerts (created DESC, key DESC)",
            """CREATE TABLE deliveries (
                key INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                alert_id TEXT NOT NULL REFERENCES alerts (id),
                rule TEXT NOT NULL,
                channel TEXT NOT NULL,
                target TEXT NOT NULL,
                status TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                next_try INTEGER NOT NULL,
                claimed_until INTEGER,
                claimed_by TEXT NOT NULL,
                sent_at INTEGER,
                error TEXT NOT NULL
            )""",
            "CREATE INDEX deliveries_by_alert ON deliveries (alert_id)",
            "CREATE INDEX deliveries_by_status ON deliveries (status, next_try)",
            "CREATE TABLE feed_states (outlet TEXT PRIMARY KEY, document TEXT NOT NULL)",
            """CREATE TABLE polls (
                outlet TEXT NOT NULL,
                day TEXT NOT NULL,
                ok INTEGER NOT NULL,
                failed INTEGER NOT NULL,
                PRIMARY KEY (day, outlet)
            ) WITHOUT ROWID""",
            """CREATE TABLE poll_outcomes (
                outlet TEXT NOT NULL,
                day TEXT NOT NULL,
                outcome TEXT NOT NULL,
                entries INTEGER NOT NULL,
                PRIMARY KEY (day, outlet, outcome)
            ) WITHOUT ROWID""",
        ),
    ),
    Migration(
        "pages, copies, origins and gaps",
        (
            # How the article came to us ('live' once it was seen live), and the current version.
            "ALTER TABLE articles ADD COLUMN origin TEXT NOT NULL DEFAULT 'live'",
            "ALTER TABLE articles ADD COLUMN version_origin TEXT NOT NULL DEFAULT 'live'",
            # 1 once the current content has been compared with other articles.
            "ALTER TABLE articles ADD COLUMN linked INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX articles_unlinked ON articles (published, id) WHERE linked = 0",
            # When the next version was seen, and whether both were seen live: a difference
            # from a file's or an archive's version is no edit of the outlet's.
            "ALTER TABLE revisions ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE revisions ADD COLUMN edit INTEGER NOT NULL DEFAULT 1",
            """UPDATE revisions SET replaced = coalesce(
                (SELECT n.collected FROM revisions n
                 WHERE n.article = revisions.article AND n.key > revisions.key
                 ORDER BY n.key LIMIT 1),
                (SELECT a.collected FROM articles a WHERE a.key = revisions.article)
            )""",
            "CREATE INDEX edits_by_time ON revisions (edit, replaced DESC, key DESC)",
            # 1 for a text that a visit to the page brought.
            "ALTER TABLE texts ADD COLUMN visited INTEGER NOT NULL DEFAULT 0",
            """CREATE TABLE pages (
                article INTEGER PRIMARY KEY REFERENCES articles (key),
                outlet TEXT NOT NULL,
                published INTEGER NOT NULL,
                due INTEGER,  -- NULL: not visited again
                visits INTEGER NOT NULL,
                failures INTEGER NOT NULL,
                body_hash TEXT NOT NULL,
                outcome TEXT NOT NULL,
                visited INTEGER,
                sentence TEXT NOT NULL,
                plans INTEGER NOT NULL DEFAULT 0  -- changes that asked for a visit
            )""",
            "CREATE INDEX pages_due ON pages (due) WHERE due IS NOT NULL",
            """CREATE INDEX pages_due_by_outlet
                ON pages (outlet, visited IS NOT NULL, published DESC, due) WHERE due IS NOT NULL
            """,
            "CREATE INDEX pages_by_time ON pages (published, outlet, outcome)",
            # Other addresses of stored articles, and where redirectors lead.
            """CREATE TABLE aliases (
                id TEXT PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles (key)
            ) WITHOUT ROWID""",
            "CREATE TABLE redirects (id TEXT PRIMARY KEY, url TEXT NOT NULL) WITHOUT ROWID",
            """CREATE TABLE bands (
                band INTEGER NOT NULL,
                published INTEGER NOT NULL,
                article INTEGER NOT NULL REFERENCES articles (key),
                PRIMARY KEY (band, published, article)
            ) WITHOUT ROWID""",
            "CREATE INDEX bands_by_article ON bands (article)",
            # An article that stands alone has no row; a cluster is named by one of its articles.
            """CREATE TABLE copies (
                article INTEGER PRIMARY KEY REFERENCES articles (key), cluster INTEGER NOT NULL
            )""",
            "CREATE INDEX copies_by_cluster ON copies (cluster)",
            # What the clusters follow from. `one` < `other`; a pair that a page states stays
            # when the articles are compared again.
            """CREATE TABLE copy_pairs (
                one INTEGER NOT NULL REFERENCES articles (key),
                other INTEGER NOT NULL REFERENCES articles (key),
                stated INTEGER NOT NULL,
                PRIMARY KEY (one, other)
            ) WITHOUT ROWID""",
            "CREATE INDEX copy_pairs_by_other ON copy_pairs (other)",
            "ALTER TABLE polls ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0",
            """CREATE TABLE poll_results (
                outlet TEXT NOT NULL,
                day TEXT NOT NULL,
                result TEXT NOT NULL,
                polls INTEGER NOT NULL,
                PRIMARY KEY (day, outlet, result)
            ) WITHOUT ROWID""",
        ),
    ),
)
