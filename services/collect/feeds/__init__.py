"""Feeds: when one is asked, what its bytes say, and what is remembered of it."""
