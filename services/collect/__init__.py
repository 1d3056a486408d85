"""From outlets to articles.

http/       the one way out of Framewatch: guarded connections, per-host pauses, robots.txt
feeds/      when a feed is asked, what its bytes say, and what its state is afterwards
identity/   which addresses are one article, and which articles are one story
text/       characters, plain text, language
pages/      an article's own page and the text in it
backfill/   what an outlet published before it was watched
articles    feed entries to articles
importing   rows of a file to articles
"""
