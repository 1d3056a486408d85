"""The `framewatch` command: exit codes 0 done, 1 failed, 2 wrong usage."""
