"""From outlets to articles.

    schedule → poll → http → feed → articles → the store

`http` is the one way out of Framewatch; `connection` and `address` guard it, `body` caps what
comes back. `feed` turns bytes into entries, with `encoding`, `well_formed`, `text` and `dates`.
`articles` gives them identity (`canonical`, `dedupe`), `language` and the `extract`ed text of
their page. `importing` does the same for files.
"""
