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

LINK_BATCH: Final = 256
PIECE: Final = 32  # articles of a batch that are compared between two looks at `stop`
MOST_HOLDERS: Final = 200
"""A band that more articles of the window hold is of words that an outlet puts on everything."""
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
    transaction; what a stop cut off is compared again. Which articles are pairs does not depend
    on the order in which they came, save for bands of more than `MOST_HOLDERS` articles.
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
            done = _link(context, batch, known, stop)
            before = versions
            compared += done
            if on_batch is not None:
                on_batch(done)
    return compared


def _link(
    context: Context, batch: Sequence[Article], known: _Known, stop: Callable[[], bool]
) -> int:
    """Compare a batch, or its first pieces where it is told to stop; how many were compared."""
    wordings = known.add(batch)
    bands = {name: bands_of(wording) for name, wording in wordings.items()}
    around = _Around(context, batch, bands)
    pairs: list[tuple[str, str]] = []
    done = 0
    while done < len(batch) and not (done and stop()):
        piece = batch[done : done + PIECE]
        candidates = [pair for article in piece for pair in around.meet(article)]
        others = known.get({around.version(mate) for _, mate in candidates})
        pairs += [
            (name, mate)
            for name, mate in candidates
            if mate in others and is_copy(wordings[name], others[mate])
        ]
        done += len(piece)
    context.store.save_signatures(
        [
            Signature(article.id, article.content_hash, bands[article.id])
            for article in batch[:done]
        ],
        pairs,
    )
    return done


class _Around:
    """Who holds the bands of a batch: what the store has, and the articles met so far."""

    def __init__(
        self, context: Context, batch: Sequence[Article], bands: Mapping[str, tuple[int, ...]]
    ) -> None:
        times = [article.published for article in batch]
        wanted = tuple({band for values in bands.values() for band in values})
        mates = context.store.band_mates(
            wanted, min(times) - WINDOW, max(times) + WINDOW, MOST_HOLDERS + 1
        )
        self._bands = bands
        self._holders: dict[int, list[str]] = defaultdict(list)
        for name, mate in mates.items():
            for band in mate.bands:
                self._holders[band].append(name)
        # An article of the batch is met with its new words only.
        self._versions = {
            name: (mate.outlet, mate.content_hash)
            for name, mate in mates.items()
            if name not in bands
        }

    def meet(self, article: Article) -> list[tuple[str, str]]:
        """Return pairs of an article and those of other outlets before it that share a band."""
        found: set[str] = set()
        for band in self._bands[article.id]:
            holders = self._holders[band]
            if len(holders) <= MOST_HOLDERS:
                found.update(holders)
                holders.append(article.id)
        pairs = [
            (article.id, mate)
            for mate in sorted(found & self._versions.keys())
            if self._versions[mate][0] != article.outlet
        ]
        self._versions[article.id] = (article.outlet, article.content_hash)
        return pairs

    def version(self, name: str) -> tuple[str, str]:
        """Return id and content hash of an article that was met."""
        return name, self._versions[name][1]


class _Known:
    """The wordings of articles that were compared last, by article id and content hash."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._wordings: OrderedDict[tuple[str, str], Wording] = OrderedDict()

    def add(self, articles: Iterable[Article]) -> dict[str, Wording]:
        """Return the wordings of these articles as they stand now."""
        found: dict[str, Wording] = {}
        for article in articles:
            found[article.id] = wording_of(article)
            self._wordings[article.id, article.content_hash] = found[article.id]
        return found

    def get(self, versions: Iterable[tuple[str, str]]) -> dict[str, Wording]:
        """Return the wordings of these articles, those that are in the store, by article id."""
        found: dict[str, Wording] = {}
        missing: list[str] = []
        for version in sorted(versions):
            if version in self._wordings:
                found[version[0]] = self._wordings[version]
                self._wordings.move_to_end(version)
            else:
                missing.append(version[0])
        if missing:
            found |= self.add(self._store.articles(missing).values())
        while len(self._wordings) > _REMEMBERED:
            self._wordings.popitem(last=False)
        return found
