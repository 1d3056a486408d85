"""Builders for domain records: sensible defaults, every field can be set by name.

Identity follows content as in the product: an article's id comes from its URL, its content
hash and story key from its words, a prediction's id from article, content and model. So two
articles differ when their `url` differs, and `revise` gives the same article other words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from services.domain import identity
from services.domain.alert import Alert, Channel, Delivery, DeliveryStatus, Rule
from services.domain.article import Article, DateQuality, FeedEntry
from services.domain.codebook import FRAMES, LABELS, RELATIONS, US
from services.domain.outlet import Certainty, FeedState, Group, Outlet, PollOutcome
from services.domain.prediction import FramingOutcome, Passage, Prediction
from services.domain.series import About, DayCounts, Observation, ShareInterval
from services.domain.shift import Direction, Level, Shift

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
MODEL = "test-model-1"


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """Return an aware UTC time on `day`."""
    return datetime.combine(day, time(hour, minute), UTC)


def make_outlet(outlet: str = "rt", **fields: object) -> Outlet:
    """Return an outlet of the state group with a feed that leads nowhere."""
    base = Outlet(
        id=outlet,
        name=outlet.upper(),
        group=Group.STATE,
        language="en",
        feed=f"http://127.0.0.1:9/{outlet}.xml",
        reason="a test outlet",
        source="the tests",
        certainty=Certainty.A,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_entry(number: int = 1, **fields: object) -> FeedEntry:
    """Return a feed entry; entries with different numbers have different links and titles."""
    base = FeedEntry(
        url=f"https://news.example/{number}",
        title=f"Headline number {number}",
        summary=f"Summary number {number}.",
        published=NOW,
        date_quality=DateQuality.STATED,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_article(
    number: int = 1,
    *,
    outlet: str = "rt",
    url: str = "",
    title: str | None = None,
    lead: str | None = None,
    text: str = "",
    day: date | None = None,
    **fields: object,
) -> Article:
    """Return an article; articles with different numbers or outlets are different articles.

    `day` sets `published` to noon of that day; `published=` sets it exactly.
    """
    url = url or f"https://{outlet}.example/news/{number}"
    title = f"Headline number {number}" if title is None else title
    lead = f"Lead of headline number {number}." if lead is None else lead
    base = Article(
        id=identity.article_id(url),
        outlet=outlet,
        url=url,
        title=title,
        lead=lead,
        text=text,
        language="en",
        published=at(day or TODAY),
        date_quality=DateQuality.STATED,
        collected=NOW,
        content_hash=identity.content_hash(title, lead, text),
        story=identity.story_key(title),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_articles(count: int, **fields: object) -> list[Article]:
    """Return `count` different articles, numbered from 1."""
    return [make_article(number, **fields) for number in range(1, count + 1)]  # type: ignore[arg-type]


def revise(
    article: Article,
    *,
    title: str | None = None,
    lead: str | None = None,
    text: str | None = None,
    collected: datetime | None = None,
) -> Article:
    """Return the same article with other words, collected an hour later unless given."""
    title = article.title if title is None else title
    lead = article.lead if lead is None else lead
    text = article.text if text is None else text
    return replace(
        article,
        title=title,
        lead=lead,
        text=text,
        content_hash=identity.content_hash(title, lead, text),
        story=identity.story_key(title),
        collected=collected or article.collected + timedelta(hours=1),
    )


def choose(names: Sequence[str], chosen: str, p: float = 0.85) -> dict[str, float]:
    """Return probabilities that sum to 1 with `p` on `chosen`."""
    rest = (1.0 - p) / (len(names) - 1)
    return {name: p if name == chosen else rest for name in names}


def make_prediction(
    article: Article | None = None,
    *,
    us: str = "hostile",
    relations: str = "confrontation",
    frames: Sequence[str] = ("sanctions_backfire",),
    model: str = MODEL,
    evidence: Sequence[Passage] | None = None,
    created: datetime = NOW,
    **fields: object,
) -> Prediction:
    """Return a prediction of `article` that is sure of the labels given."""
    article = article or make_article()
    if evidence is None:
        evidence = (make_passage(article.title, labels={f"us={us}": 0.85}),)
    base = Prediction(
        id=identity.prediction_id(article.id, article.content_hash, model),
        article_id=article.id,
        content_hash=article.content_hash,
        model=model,
        outcome=FramingOutcome.CLASSIFIED,
        created=created,
        language=article.language,
        us=us,
        us_p=choose(US, us),
        relations=relations,
        relations_p=choose(RELATIONS, relations),
        frames=tuple(frames),
        frames_p={name: 0.9 if name in frames else 0.05 for name in FRAMES},
        evidence=tuple(evidence),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_unclassified(
    article: Article | None = None,
    outcome: FramingOutcome = FramingOutcome.UNSUPPORTED_LANGUAGE,
    *,
    model: str = MODEL,
    created: datetime = NOW,
) -> Prediction:
    """Return the prediction of an article that could not be classified."""
    article = article or make_article()
    return Prediction(
        id=identity.prediction_id(article.id, article.content_hash, model),
        article_id=article.id,
        content_hash=article.content_hash,
        model=model,
        outcome=outcome,
        created=created,
        language=article.language,
    )


def make_passage(
    text: str = "Headline number 1",
    *,
    start: int = -1,
    end: int = -1,
    labels: Mapping[str, float] | None = None,
) -> Passage:
    """Return a passage; without offsets it is the headline's."""
    return Passage(text=text, start=start, end=end, labels=labels or {"us=hostile": 0.85})


def make_observation(
    number: int = 1,
    *,
    day: date = TODAY,
    outlet: str = "rt",
    labels: Sequence[str] = ("us=hostile", "relations=confrontation"),
    **fields: object,
) -> Observation:
    """Return one classified article as the series see it."""
    base = Observation(
        article_id=identity.article_id(f"https://{outlet}.example/news/{number}"),
        day=day,
        outlet=outlet,
        story=identity.story_key(f"Headline number {number}"),
        labels=tuple(labels),
        probabilities=tuple(0.9 if label in labels else 0.05 for label in LABELS),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_day_counts(
    day: date = TODAY,
    *,
    scope: str = "group:state",
    about: About = "all",
    n: int = 20,
    shares: Mapping[str, float] | None = None,
    model: str = MODEL,
    outlets: Sequence[str] = ("rt",),
    source: str = "collected",
) -> DayCounts:
    """Return a day's counts; `shares` maps labels to shares of n, the others are 0."""
    shares = shares or {}
    counts = tuple(round(n * shares.get(label, 0.0)) for label in LABELS)
    return DayCounts(
        scope=scope,
        about=about,
        day=day,
        model=model,
        n=n,
        counts=counts,
        sums=tuple(float(count) for count in counts),
        outlets=tuple(outlets),
        source=source,
    )


def make_interval(
    share: float = 0.2, n: int = 200, *, since: date | None = None, until: date | None = None
) -> ShareInterval:
    """Return a share with an interval of plus or minus 0.05 around it."""
    return ShareInterval(
        share=share,
        low=max(0.0, share - 0.05),
        high=min(1.0, share + 0.05),
        n=n,
        since=since or TODAY - timedelta(days=28),
        until=until or TODAY,
    )


def make_shift(
    series: str = "relations=detente|group:state|us",
    *,
    direction: Direction = Direction.UP,
    onset: date | None = None,
    level: Level = Level.ALERT,
    **fields: object,
) -> Shift:
    """Return a shift whose onset is ten days before its alarm (today unless set)."""
    onset = onset or TODAY - timedelta(days=10)
    base = Shift(
        id=identity.alert_id(series, direction, onset),
        series=series,
        direction=direction,
        level=level,
        arl=level.arl,
        alarm_date=onset + timedelta(days=10),
        first_alarm=onset + timedelta(days=6),
        onset=onset,
        onset_low=onset - timedelta(days=3),
        onset_high=onset + timedelta(days=3),
        baseline=make_interval(0.1, since=onset - timedelta(days=28), until=onset),
        current=make_interval(0.4, since=onset, until=onset + timedelta(days=10)),
        outlets=("rt", "tass"),
        model=MODEL,
        evidence=(),
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_rule(name: str = "desk", **fields: object) -> Rule:
    """Return a rule that mails every alert about the thaw signal."""
    base = Rule(name=name, watch=("signal=thaw",), emails=("desk@example.org",))
    return replace(base, **fields)  # type: ignore[arg-type]


def make_alert(shift: Shift | None = None, **fields: object) -> Alert:
    """Return the alert about `shift`."""
    shift = shift or make_shift()
    base = Alert(
        id=shift.id,
        shift_id=shift.id,
        series=shift.series,
        direction=shift.direction,
        level=shift.level,
        created=NOW,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_delivery(
    alert: Alert | None = None,
    *,
    rule: str = "desk",
    channel: Channel = "email",
    target: str = "desk@example.org",
    **fields: object,
) -> Delivery:
    """Return a delivery that is due now and was never tried."""
    alert = alert or make_alert()
    base = Delivery(
        id=identity.delivery_id(alert.id, rule, channel, target),
        alert_id=alert.id,
        rule=rule,
        channel=channel,
        target=target,
        status=DeliveryStatus.PENDING,
        attempts=0,
        next_try=NOW,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def make_feed_state(outlet: str = "rt", **fields: object) -> FeedState:
    """Return the state of a feed that answered well a minute ago."""
    base = FeedState(
        outlet=outlet,
        etag='"abc"',
        last_modified="Sat, 01 Mar 2025 11:00:00 GMT",
        next_poll=NOW + timedelta(minutes=15),
        last_attempt=NOW - timedelta(minutes=1),
        last_success=NOW - timedelta(minutes=1),
        last_new=NOW - timedelta(hours=1),
        outcome=PollOutcome.OK,
        sentence="The feed answered.",
        failures=0,
        interval=900.0,
    )
    return replace(base, **fields)  # type: ignore[arg-type]
