"""The only reader of the environment: typed, frozen, checked once at start.

Every setting is an environment variable `FRAMEWATCH_NAME` or a line in a `.env` file in the
current directory; `framewatch doctor` lists them with their values, secrets masked.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.errors import ConfigurationError

Network = IPv4Network | IPv6Network
USER_AGENT = "Framewatch/0.1 (media framing research)"


class Settings(BaseSettings):
    """All settings, with their units in the descriptions."""

    model_config = SettingsConfigDict(
        env_prefix="FRAMEWATCH_", env_file=".env", extra="ignore", frozen=True
    )

    data: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("framewatch", appauthor=False)),
        description="folder that holds the store",
    )
    catalogue: Path | None = Field(None, description="your own outlet catalogue (YAML)")
    rules: Path | None = Field(None, description="alert rules (YAML)")
    model: Path | None = Field(None, description="folder of another framing model")
    threads: int | None = Field(None, ge=1, le=256, description="threads of the classifier")

    host: str = Field("127.0.0.1", description="address that the page listens on")
    port: int = Field(8080, ge=0, le=65535, description="port of the page; 0 takes a free one")
    public_url: str = Field("", description="address of the page as readers of alerts reach it")

    user_agent: str = Field(USER_AGENT, min_length=1, description="sent to feeds and pages")
    proxy: SecretStr | None = Field(None, description="HTTP or SOCKS5 proxy for feeds and pages")
    fetch_pages: bool = Field(True, description="fetch article pages for full text")
    revisit_pages: bool = Field(
        True, description="visit pages again after 1 h, 6 h, 1, 3 and 7 days, to notice edits"
    )
    visit_seconds: float = Field(
        20.0, ge=0, le=3600, description="seconds a round in which visits to pages are begun"
    )
    fetch_timeout: float = Field(20.0, gt=0, le=600, description="seconds for one whole fetch")
    fetch_max_bytes: int = Field(
        15 * 2**20, ge=1024, description="bytes of one body after decompression"
    )
    allow_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="private networks that may be reached all the same, with commas between"
    )
    host_pause: float = Field(
        5.0, ge=0, le=600, description="least seconds between two requests to one host"
    )
    archive_url: str = Field(
        "https://web.archive.org",
        pattern=r"^https?://\S+$",
        description="web archive that back-filling asks (a CDX server and its copies)",
    )
    archive_pause: float = Field(
        10.0, ge=0, le=60, description="least seconds between two requests to the web archive"
    )
    poll_interval: float = Field(
        600.0, ge=1, description="shortest pause between two polls of a feed, in seconds"
    )
    poll_interval_max: float = Field(
        86_400.0, ge=1, description="longest pause between two polls of a feed, in seconds"
    )
    poll_threads: int = Field(64, ge=1, le=512, description="feeds that are asked side by side")

    smtp_host: str = Field("", description="mail server; empty switches mail off")
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password: SecretStr | None = None
    mail_from: str = Field("", description="sender of alert mails")
    webhook_secret: SecretStr | None = Field(
        None,
        description="signs webhooks: 'whsec_' and base64 of 24 to 64 bytes; several, "
        "separated by spaces, while one replaces another",
    )

    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"), description="broker of the workers"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("data", "catalogue", "rules", "model")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value else value

    @property
    def own_catalogue(self) -> Path:
        """The user's own list of outlets: the file that is named, or one beside the store."""
        return self.catalogue or self.data / "outlets.yaml"

    @property
    def used_catalogue(self) -> Path | None:
        """The catalogue to load; None for the packaged one, when the user has none."""
        own = self.own_catalogue
        return own if self.catalogue or own.is_file() else None

    @field_validator("allow_networks", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """A text with commas or spaces between networks; brackets and quotes do no harm."""
        return re.findall(r"[^\s,;\[\]\"']+", value) if isinstance(value, str) else value

    @property
    def store_path(self) -> Path:
        """The SQLite file of the embedded store."""
        return self.data / "framewatch.db"


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` that are None count as not given.

    Raises ConfigurationError with one sentence for every setting that is wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for item in error.errors():
            name = ".".join(str(part) for part in item["loc"]) or "settings"
            lines.append(f"Setting FRAMEWATCH_{name.upper()} is wrong: {item['msg']}.")
        raise ConfigurationError(" ".join(lines)) from None
