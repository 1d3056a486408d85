"""The stage that finds which articles of different outlets tell one story in the same words."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from services.collect.identity.near_duplicates import WINDOW, bands_of, is_copy
from services.collect.identity.wording import Wording, wording_of
from services.context import Context
from services.domain.article import Article
from services.domain.syndication import Signature
from services.errors import RetryableError

LINK_BATCH: Final = 1_024
LINK_LOCK: Final = "link"
_REMEMBERED: Final = 4_096  # wordings; what is linked next was mostly published next


def link_copies(
    context: Context,
    stop: Callable[[], bool] = lambda: False,
    on_batch: Callable[[int], None] | None = None,
) -> int:
    """Compare everything that was not compared yet with what was published around it.

    Returns how many articles were compared; 0 at once while another process is at it, since
    two that compare at the same time would not see each other's articles. A batch is one
    transaction; whatever is interrupted is compared again. Which articles are pairs does not
    depend on the order in which they came.
    """
    compared = 0
    with context.store.lock(LINK_LOCK) as held:
        known = _Known(context)
        before: list[tuple[str, str]] = []
        while held and not stop() and (batch := context.store.unlinked(LINK_BATCH)):
            versions = [(article.id, article.content_hash) for article in batch]
            if versions == before:
                raise RetryableError(
                    "Articles that were compared for copies still count as not compared; "
                    "run 'framewatch doctor' to check the store."
                )
            _link(context, batch, known)
            before = versions
            compared += len(batch)
            if on_batch is not None:
                on_batch(len(batch))
    return compared


def _link(context: Context, batch: Sequence[Article], known: _Known) -> None:
    wordings = known.add(batch)
    bands = {name: bands_of(wording) for name, wording in wordings.items()}
    holders: dict[int, list[str]] = defaultdict(list)
    for name, values in bands.items():
        for band in values:
            holders[band].append(name)
    candidates = _candidates(context, batch, holders)
    others = known.get({mate for _, mate in candidates})
    pairs = [
        (name, mate)
        for name, mate in sorted(candidates)
        if mate in others
        and wordings[name].outlet != others[mate].outlet
        and is_copy(wordings[name], others[mate])
    ]
    context.store.save_signatures(
        [Signature(article.id, article.content_hash, bands[article.id]) for article in batch],
        pairs,
    )


def _candidates(
    context: Context, batch: Sequence[Article], holders: Mapping[int, Sequence[str]]
) -> set[tuple[str, str]]:
    """Pairs that share a band: an article of the batch, and another one of it or of the store."""
    times = [article.published for article in batch]
    mates = context.store.band_mates(tuple(holders), min(times) - WINDOW, max(times) + WINDOW)
    found = {
        (name, mate) for mate, shared in mates.items() for band in shared for name in holders[band]
    }
    found.update((name, mate) for names in holders.values() for name in names for mate in names)
    inside = {article.id for article in batch}
    return {(one, two) for one, two in found if one < two or (one != two and two not in inside)}


class _Known:
    """The wordings of articles that were compared last, by article id."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._wordings: OrderedDict[str, Wording] = OrderedDict()

    def add(self, articles: Iterable[Article]) -> dict[str, Wording]:
        """Return the wordings of these articles as they stand now."""
        found = {article.id: wording_of(article) for article in articles}
        self._wordings.update(found)
        return found

    def get(self, ids: Iterable[str]) -> dict[str, Wording]:
        """Return the wordings of these articles, those that are in the store."""
        found = {name: self._wordings[name] for name in ids if name in self._wordings}
        missing = sorted(set(ids) - found.keys())
        if missing:
            found |= self.add(self._store.articles(missing).values())
        for name in found:
            self._wordings.move_to_end(name)
        while len(self._wordings) > _REMEMBERED:
            self._wordings.popitem(last=False)
        return found
