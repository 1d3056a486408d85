"""Charts drawn as SVG on the server: no script, no outside resource, readable without either.

Colours come from the page's style sheet through class names (`state`, `alternative`, …), so
that a chart follows the reader's light or dark scheme.
"""
