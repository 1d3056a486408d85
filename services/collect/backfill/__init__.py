"""What an outlet published before we watched it, as far as it can still be found.

found      what a source names, and how each of them may end
visitor    polite requests: turns, robots.txt, pauses, answers that ask to wait
site       which addresses belong to an outlet, and which look like articles
sitemaps   sitemaps of the site, newest first
paging     older pages of the feed
archive    listings of a web archive
completing title, date and text of a found address from its page
"""
