"""Entries of one feed that are one article: by address, or by the wording of the title."""

from __future__ import annotations

from services.domain.identity import story_key


class Seen:
    """What a feed has named so far."""

    def __init__(self) -> None:
        self._articles: set[str] = set()
        self._stories: set[str] = set()

    def repeats(self, article_id: str, title: str) -> bool:
        """True when an earlier call named this article or this title; remembers both.

        Titles are compared by their words. One word alone ("Live", "Video") names no story.
        """
        story = story_key(title) if len(title.split()) > 1 else ""
        known = article_id in self._articles or (bool(story) and story in self._stories)
        self._articles.add(article_id)
        if story:
            self._stories.add(story)
        return known
