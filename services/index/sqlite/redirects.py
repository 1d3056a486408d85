"""Where the addresses of redirectors lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.index.sqlite.connection import Database
from services.index.sqlite.values import json_list, storable


class Redirects:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def redirects(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Return the address that each redirector's address leads to, by the latter's id."""
        with self._database.reading() as connection:
            return dict(
                connection.execute(
                    "SELECT id, url FROM redirects WHERE id IN (SELECT value FROM json_each(?))",
                    (json_list(article_ids),),
                )
            )

    def save_redirects(self, addresses: Mapping[str, str]) -> None:
        """Remember where redirectors lead: id of the redirector's address → final URL."""
        if not addresses:
            return
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO redirects (id, url) VALUES (?, ?)",
                [(name, storable(url)) for name, url in addresses.items()],
            )
