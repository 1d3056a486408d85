"""What stands before a feed, or in its place."""

from __future__ import annotations

from services.domain.outlet import PollOutcome
from tests.zoo.animal import Animal
from tests.zoo.wire import answer

BLOCKED, NOT_A_FEED = PollOutcome.BLOCKED, PollOutcome.NOT_A_FEED


def _page(name: str, inside: str, outcome: PollOutcome = BLOCKED, status: str = "200 OK") -> Animal:
    page = f"<!DOCTYPE html><html><head>{inside}</head></html>"
    if "<body" in inside:
        page = f"<!DOCTYPE html><html>{inside}</html>"
    return Animal(name, answer(page, "text/html; charset=utf-8", status), outcome)


ANIMALS = (
    _page("guard-ddos", "<title>DDoS-Guard</title><script src='/.well-known/ddos-guard/x.js'>"),
    _page("guard-cloudflare", "<title>Just a moment...</title><script>window._cf_chl_opt={}"),
    _page(
        "guard-cloudflare-403",
        "<title>Attention Required! | Cloudflare</title>",
        status="403 Forbidden",
    ),
    _page(
        "guard-cloudflare-503",
        "<title>Just a moment...</title>",
        PollOutcome.SERVER_ERROR,
        "503 Service Unavailable",
    ),
    _page("guard-qrator", "<title>Checking your browser</title><script src='/__qrator/qauth.js'>"),
    _page("guard-incapsula", "<script src='/_Incapsula_Resource?SWJIYLWA=1'></script>"),
    _page("guard-akamai", "<title>Access Denied</title>"),
    _page("guard-sucuri", "<title>Sucuri WebSite Firewall - Access Denied</title>"),
    _page("guard-javascript", "<body>Please enable JavaScript to continue.</body>"),
    _page(
        "guard-javascript-russian",
        "<body>Для продолжения включите JavaScript в вашем браузере</body>",
    ),
    _page("guard-cookie-check", "<script>document.cookie='__js_p_=1';location.reload()</script>"),
    _page("guard-captcha", "<body><form><div class='g-recaptcha'></div></form></body>"),
    _page(
        "guard-consent",
        "<title>Before you continue</title>"
        "<form action='https://consent.news.example/save'></form>",
    ),
    _page(
        "guard-provider-russian",
        "<body>Доступ к информационному ресурсу ограничен на основании закона</body>",
    ),
    _page("a-login-page", "<title>Sign in</title><form><input type='password'></form>"),
    _page(
        "the-home-page",
        "<title>News of the day</title><link rel='alternate' "
        "type='application/rss+xml' href='/feed'>",
        NOT_A_FEED,
    ),
    _page("a-soft-404", "<title>Page not found</title>", NOT_A_FEED),
    _page("a-parked-domain", "<title>news.example is for sale</title>", NOT_A_FEED),
    Animal(
        "html-with-a-feeds-content-type",
        answer("<html><body>Welcome</body></html>"),
        NOT_A_FEED,
        says="web page",
    ),
    Animal(
        "html-inside-xml",
        answer("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>"),
        NOT_A_FEED,
        says="web page",
    ),
    Animal(
        "an-article-in-place-of-the-feed",
        answer("<article><h1>Headline</h1><p>Text</p></article>", "text/html"),
        NOT_A_FEED,
    ),
    Animal(
        "plain-words",
        answer("Service temporarily unavailable", "text/plain"),
        PollOutcome.SERVER_ERROR,
        says="worked on",
    ),
)
