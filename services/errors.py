"""The errors that Framewatch raises on purpose. Each message is a sentence for a reader.

    FramewatchError
    ├── RetryableError     worth another try later (a server is down, a lock is held)
    └── PermanentError     trying again changes nothing (bad input, bad settings)
        ├── UsageError         the caller asked for something that does not exist
        └── ConfigurationError a setting or file must be mended by a person

Workers and the pipeline look only at RetryableError and PermanentError.
"""

from __future__ import annotations


class FramewatchError(Exception):
    """Base of every deliberate error; `str(error)` says what, where and what to do."""


class RetryableError(FramewatchError):
    """The same call may succeed later.

    `retry_after` is the number of seconds that the other side asked us to wait, if it did.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(FramewatchError):
    """The same call will fail again until something is changed."""


class UsageError(PermanentError):
    """The request itself is wrong: an unknown label, a bad date, a malformed query."""


class ConfigurationError(PermanentError):
    """A setting, a file or an installation has to be mended by a person."""
