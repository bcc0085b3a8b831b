"""HOME/parknews.toml -> Config: who crawls, how politely, within which limits.

Every key has a default, so an empty home works on loopback; operator and contact are asked for before any other host
is crawled, because the user agent names them.
"""

import re
import tomllib

import msgspec
from msgspec import Struct

from archive.paths import Home, HomeError
from spiders.mistakes import of_schema, of_syntax

VERSION = "0.1.0"
MB = 1 << 20
NAMES_FILES = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_-]+")


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Per page, per host and per day; bytes are of the wire."""

    requests_per_day: int = 2000  # a host
    page_mb: int = 20
    attachment_mb: int = 100
    requisite_files: int = 60  # a page
    requisite_mb: int = 15  # a file
    timeout: float = 60.0  # seconds for a whole answer
    warc_mb: int = 1024
    warc_idle: float = 600.0  # seconds without a record after which the file is closed, while the crawl goes on


class PolitenessDefaults(Struct, frozen=True, forbid_unknown_fields=True):
    """Floors; a site definition or robots.txt can only raise the delay, `--delay` replaces the default."""

    delay: float = 3.0
    per_host: int = 1
    per_ip: int = 2


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """One deployment."""

    operator: str | None = None
    contact: str | None = None
    collection: str = "parknews"
    proxy: str | None = None
    workers: int = 0  # extraction processes; 0 = one less than the processors
    limits: Limits = Limits()
    politeness: PolitenessDefaults = PolitenessDefaults()

    @property
    def user_agent(self) -> str:
        """Name the program and the operator, so that a webmaster knows whom to ask (RFC 9110 §10.1.5)."""
        who = "; ".join(part for part in (self.operator, self.contact) if part)
        return f"parknews/{VERSION} ({who})" if who else f"parknews/{VERSION} (loopback test)"


def fault_of(key: str, value: str | None) -> str | None:
    """Say what is wrong with an answer to "who crawls?", None when it will do.  key: operator, contact, collection."""
    if value and not value.isprintable():
        return "control characters are not allowed (it goes into every request)"
    if key == "contact" and value and not ("@" in value or value.lower().startswith(("http://", "https://"))):
        return "a mail address or an http(s) URL is needed, so that a site's owner can write to you"
    if key == "collection" and not (value and NAMES_FILES.fullmatch(value)):
        return "ASCII letters, digits, - and _ only (it names WARC files)"
    return None


def load(home: Home) -> Config:
    """Read the configuration, defaults when there is none.  Raises HomeError naming file and key."""
    if not home.config.exists():
        return Config()
    text = ""
    try:
        text = home.config.read_text("utf-8")
        config = msgspec.convert(tomllib.loads(text), Config)
    except UnicodeDecodeError as error:
        raise HomeError(f"{home.config}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise HomeError(f"{home.config}: {of_syntax(error, text)}") from error
    except msgspec.ValidationError as error:
        raise HomeError(f"{home.config}: {of_schema(error, text, Config)}") from error
    for key, value in (("operator", config.operator), ("contact", config.contact), ("collection", config.collection)):
        fault = fault_of(key, value)
        if fault is not None:
            raise HomeError(f"{home.config}: {key} = {value!r}: {fault}")
    return config
