"""What an alert tells: one record that mail and webhook are rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.domain.alert import Alert, CollectionGap
from services.domain.series import SeriesPoint
from services.domain.shift import Shift


@dataclass(frozen=True, slots=True)
class EvidenceArticle:
    """An article that speaks for the shift. `outlet` is its name, `passage` what was read.

    `labels` are canonical (`relations=detente`); `passage` is the strongest passage and may
    be empty. Texts come from strangers: the renderers clean and escape them.
    """

    id: str
    title: str
    url: str
    outlet: str
    language: str
    published: datetime
    labels: tuple[str, ...] = ()
    passage: str = ""


@dataclass(frozen=True, slots=True)
class OutletCollection:
    """How the collection of one outlet went while the shift was measured.

    `outlet` is its name, `status` one of "ok", "failing", "silent", "never polled",
    "disabled"; `articles` counts those collected in the window; `sentence` explains a
    status that is not "ok".
    """

    outlet: str
    status: str
    articles: int
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """Everything that an alert may say, already looked up.

    `label_title` and `scope_title` name the series for a reader ("Détente", "state outlets");
    `description` says in a sentence what the label or signal stands for. `points` are the
    days (or weeks) of the chart, in order. `page` is the address of the page as the reader
    reaches it, or empty. `title` replaces the headline that is otherwise made; `label_titles`
    are the codebook's titles by canonical label.
    """

    alert: Alert
    shift: Shift
    label_title: str
    scope_title: str
    description: str = ""
    title: str = ""
    articles: tuple[EvidenceArticle, ...] = ()
    points: tuple[SeriesPoint, ...] = ()
    collection: tuple[OutletCollection, ...] = ()
    page: str = ""
    label_titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GapFacts:
    """Everything that an alert about a gap in collection may say.

    `outlet` is the outlet's name (empty: no feed at all answers) and `group` what a reader calls
    its group. `back` is when something new was seen again, if that was before the message.
    """

    alert: Alert
    gap: CollectionGap
    outlet: str
    group: str
    page: str = ""
    back: datetime | None = None


Facts = AlertFacts | GapFacts
