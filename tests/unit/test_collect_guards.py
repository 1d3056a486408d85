"""What servers send in place of a feed is told apart, each with a sentence of its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from services.collect.feeds.feed import FeedError, parse_feed
from services.domain.outlet import PollOutcome

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
BLOCKED, NOT_A_FEED = PollOutcome.BLOCKED, PollOutcome.NOT_A_FEED
WORDS = "<p>" + "A paragraph of a page like any other on the web. " * 60 + "</p>"


def page(head: str = "", body: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def failure(document: str) -> FeedError:
    with pytest.raises(FeedError) as caught:
        parse_feed(document.encode(), "text/html", "https://news.example/feed", NOW)
    return caught.value


@pytest.mark.parametrize(
    ("document", "outcome", "said"),
    [
        (page("<title>DDoS-Guard</title>"), BLOCKED, "guard page of DDoS-Guard"),
        (page("<title>Just a moment...</title>"), BLOCKED, "guard page of Cloudflare"),
        (page("<script>window._cf_chl_opt={}</script>"), BLOCKED, "guard page of Cloudflare"),
        ("error code: 1020", BLOCKED, "guard page of Cloudflare"),
        (page("<script src='/__qrator/qauth_utm_v2.js'></script>"), BLOCKED, "of Qrator"),
        (page("<script src='/_Incapsula_Resource?x=1'></script>"), BLOCKED, "of Imperva"),
        (page(body="Request unsuccessful. Incapsula incident ID: 1-2"), BLOCKED, "of Imperva"),
        (
            page(
                "<title>Access Denied</title>",
                "You don't have permission. Reference #18.2 https://errors.edgesuite.net/18.2",
            ),
            BLOCKED,
            "of Akamai",
        ),
        (page("<title>Access Denied</title>"), BLOCKED, "denies access"),
        (page("<title>Sucuri WebSite Firewall - Access Denied</title>"), BLOCKED, "of Sucuri"),
        (page("<script src='//x.captcha-delivery.com/c.js'>"), BLOCKED, "of DataDome"),
        (page("<title>Making sure you&#39;re not a bot!</title>"), BLOCKED, "of Anubis"),
        (page(body="<script src='//servicepipe.ru/x'></script>"), BLOCKED, "Russian protection"),
        (page("<script>document.cookie='a=1';location.reload()</script>"), BLOCKED, "guard page"),
        (page(body="Please enable JavaScript and cookies"), BLOCKED, "wants JavaScript"),
        (page(body="<noscript>You need to enable JavaScript</noscript>"), BLOCKED, "JavaScript"),
        (page(body="Включите JavaScript в браузере"), BLOCKED, "wants JavaScript"),
        (page("<title>Before you continue</title>"), BLOCKED, "consent to its cookies"),
        (page(body="We value your privacy. Accept all cookies?"), BLOCKED, "consent"),
        (
            page(body="<form action='https://consent.news.example/save'></form>"),
            BLOCKED,
            "consent",
        ),
        (page(body="<div class='g-recaptcha'></div>"), BLOCKED, "captcha"),
        (page("<title>Вы не робот?</title>"), BLOCKED, "captcha"),
        (page("<title>Log in</title>", "<input type=password>"), BLOCKED, "log in"),
        (page("<title>Вход</title>", "<form>Пароль</form>"), BLOCKED, "log in"),
        (
            page(body="Доступ к информационному ресурсу ограничен на основании 149-ФЗ"),
            BLOCKED,
            "Internet provider",
        ),
        (page(body="Сайт заблокирован по решению Роскомнадзора"), BLOCKED, "Internet provider"),
        (page(body="Доступ запрещён"), BLOCKED, "denies access"),
        (page(body="This content is not available in your region"), BLOCKED, "denies access"),
        (
            page("<title>Site under maintenance</title>"),
            PollOutcome.SERVER_ERROR,
            "being worked on",
        ),
        (page(body="На сайте ведутся технические работы"), PollOutcome.SERVER_ERROR, "worked on"),
        (page("<title>news.example is for sale</title>"), NOT_A_FEED, "parked or for sale"),
        (page(body="Домен news.example продаётся"), NOT_A_FEED, "parked or for sale"),
        (page("<title>404 Not Found</title>"), NOT_A_FEED, "not there"),
        (page("<title>Страница не найдена</title>", WORDS), NOT_A_FEED, "not there"),
        (page("<title>News of the day</title>", WORDS), NOT_A_FEED, "a web page"),
    ],
)
def test_each_notice_has_its_sentence(document: str, outcome: PollOutcome, said: str) -> None:
    error = failure(document)
    assert error.outcome is outcome
    assert said in str(error)


@pytest.mark.parametrize(
    "inside",
    [
        "<script src='https://cdnjs.cloudflare.com/x.js'></script>",
        "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
        "<script src='https://cdn.cookielaw.org/otSDKStub.js'></script>",
        "<noscript>Please enable JavaScript for comments</noscript>",
        "<form><input type='password'> Log in</form>",
        "<div class='g-recaptcha'></div>",
        "<p>The site was blocked and access denied, says Roskomnadzor.</p>",
        "<p>We value your privacy. Accept cookies?</p>",
        "<p>The service is under maintenance.</p>",
    ],
)
def test_a_page_with_much_else_to_say_is_a_page(inside: str) -> None:
    error = failure(page("<title>News of the day</title>", inside + WORDS))
    assert "a web page in place of the feed" in str(error)


@pytest.mark.parametrize("piece", ["document.cookie=", "<form ", "сайт ", "доступ к а ", "<title>"])
def test_a_page_made_to_be_slow_is_not(piece: str) -> None:
    begun = time.process_time()
    failure(page(body=piece * 50_000))
    assert time.process_time() - begun < 5.0
