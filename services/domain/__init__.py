"""Frozen records and pure functions. Imports nothing but the standard library."""
