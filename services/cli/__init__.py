"""The `framewatch` command: exit codes 0 done, 1 failed, 2 wrong usage."""

from services.cli.app import main

__all__ = ["main"]
