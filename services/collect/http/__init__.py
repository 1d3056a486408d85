"""The one way out of Framewatch, used for feeds, pages, robots.txt and webhooks alike.

fetcher      get and post: redirects, headers, what comes back
gate         per host: how many requests at once, and how far apart
robots       what sites let programs fetch; robots_file reads one robots.txt
address      which addresses are public; connection connects to no others
bounds       a deadline and a number of bytes for everything that one fetch does
body         decoded bodies under a cap; decoders undo gzip, deflate, br and zstd
pools        connections, kept for each proxy; targets are the URLs
errors       what can go wrong; translate says it about whoever is to blame
headers      reading the header lines of an answer
"""
