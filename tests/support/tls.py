"""Certificates for servers on loopback, which our client trusts while a test runs.

with trusted_tls("news.example") as server_context:
    with FeedServer(tls=server_context) as server: …
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from services.collect.http.pools import tls_context


@contextmanager
def trusted_tls(*names: str) -> Iterator[ssl.SSLContext]:
    """Give a server's context with a certificate for `names`; our own client trusts its maker.

    Clients have to be opened inside: they read what they trust when they are.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    with pytest.MonkeyPatch.context() as patch, authority.cert_pem.tempfile() as path:
        patch.setenv("SSL_CERT_FILE", str(Path(path)))
        tls_context.cache_clear()
        try:
            yield context
        finally:
            tls_context.cache_clear()
