"""The one way out of Framewatch, used for feeds, pages and webhooks alike."""
