"""Bytes to characters, markup to plain text, and the language of it."""
