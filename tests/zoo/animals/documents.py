"""Documents that are broken, cut, empty or bombs."""

from __future__ import annotations

from services.domain.outlet import PollOutcome
from tests.zoo.animal import Animal
from tests.zoo.documents import GOOD, SITE, TITLES, item, rss
from tests.zoo.wire import answer

_BOMB = (
    '<!DOCTYPE bomb [<!ENTITY a "' + "x" * 100 + '">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 50}">' for n in range(8))
    + "]>"
)  # fmt: skip
_XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_PARAMETER = '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>'
_FIRST = item("Whole headline before the cut")

ANIMALS = (
    Animal("nothing-at-all", answer(b""), PollOutcome.EMPTY_FEED, says="nothing"),
    Animal("only-white-space", answer(b" \r\n\t "), PollOutcome.EMPTY_FEED),
    Animal("a-feed-without-entries", answer(rss()), PollOutcome.EMPTY_FEED, says="no entry"),
    Animal("cut-within-an-entry", answer(rss(_FIRST, item("Half a headl"))[:-60]),
           titles=("Whole headline before the cut",)),
    Animal("cut-within-the-first-entry", answer(rss(item("Half a headl"))[:70]),
           PollOutcome.BROKEN_FEED),
    Animal("cut-within-a-cdata-section", answer(
        f'<rss version="2.0"><channel>{_FIRST}<item><title><![CDATA[Half a'),
        titles=("Whole headline before the cut",)),
    Animal("rubbish-after-the-end", answer(GOOD + "<!-- cached --><script>track()</script>"),
           titles=TITLES),
    Animal("two-documents-in-one", answer(
        rss(item("In the first document")) + rss(item("In the second document"))),
        titles=("In the first document", "In the second document")),
    Animal("comment-before-the-declaration", answer(
        '<!-- made by x --><?xml version="1.0"?>' + GOOD), titles=TITLES),
    Animal("unescaped-ampersands", answer(rss(
        item("Trade & talks at the summit", f"{SITE}/a?x=1&y=2"))),
        titles=("Trade & talks at the summit",)),
    Animal("html-entities-nobody-declared", answer(rss(
        item("Talks&nbsp;&mdash; &laquo;a new d&eacute;tente&raquo;"))),
        titles=("Talks — «a new détente»",)),
    Animal("numeric-references-that-xml-forbids", answer(rss(
        item("A head&#0;line with &#8; odd &#x1F; ones"))),
        titles=("A headline with odd ones",)),
    Animal("windows-quotes-by-number", answer(rss(item("He said &#8220;no&#8221; to the talks"))),
           titles=("He said “no” to the talks",)),
    Animal("tags-that-are-never-closed", answer(rss(
        item("Never closed a tag", extra="<description><b>x<p>y</description>"))),
        titles=("Never closed a tag",)),
    Animal("attributes-without-quotes", answer(GOOD.replace('"2.0"', "2.0")), titles=TITLES),
    Animal("an-unbound-prefix", answer(rss(
        item("Prefix from nowhere here", extra="<media:thumbnail url='x'/>"))),
        titles=("Prefix from nowhere here",)),
    Animal("entities-that-grow-without-end", answer(_BOMB + rss(
        item("Survives &a7; the bomb"))), titles=("Survives &a7; the bomb",)),
    Animal("an-entity-that-reads-a-file", answer(_XXE + rss(
        item("Reads &x; no file here"))), titles=("Reads &x; no file here",)),
    Animal("an-entity-that-asks-a-server", answer(_PARAMETER + GOOD), titles=TITLES),
    Animal("nested-a-thousand-deep", answer(rss(
        item("Deep in the description", extra="<description>" + "<a>" * 1_000 + "x"
             + "</a>" * 1_000 + "</description>"))), PollOutcome.TOO_LARGE),
    Animal("two-hundred-thousand-elements", answer(rss("<x/>" * 200_000 + _FIRST)),
           PollOutcome.TOO_LARGE),
    Animal("three-thousand-entries", answer(rss(*(
        item(f"Entry number {n} of very many") for n in range(3_000)))),
        titles=tuple(f"Entry number {n} of very many" for n in range(2_000))),
    Animal("a-stylesheet-instruction-that-runs-on", answer(
        "<?xml-stylesheet " + "a='b' " * 5_000 + "?>" + GOOD), titles=TITLES),
    Animal("angle-brackets-for-a-megabyte", answer("<" * 1_000_000), PollOutcome.NOT_A_FEED),
    Animal("open-cdata-for-a-megabyte", answer("<rss><channel>" + "<![CDATA[" * 100_000),
           PollOutcome.BROKEN_FEED),
)  # fmt: skip
