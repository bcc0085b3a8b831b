"""A new home: parknews.toml, README.txt for a stranger, and the switches of a definition."""

from pathlib import Path
from typing import Any

import tomlkit

from archive.paths import Home, HomeError
from crawler.config import load
from pipelines.feed import replace, write_schemas
from spiders.site import load as load_site

EXPLAINED = """\
This folder is a parknews home: news articles of public web sites, with proof.  It can be read without parknews.

warc/      what came over the wire, byte for byte: WARC 1.1 files (ISO 28500), gzipped record by record.
           `zcat warc/*.warc.gz | less` shows them.  An exchange is three records: response, request, metadata.
           Bodies are as they were sent: often compressed, in chunks, or in GBK, so not always readable there.
           `warcio extract --payload warc/FILE OFFSET` (any copy of warcio) undoes compression and chunks; then
           `iconv -f gb18030 -t utf-8` where headers or page say gb2312 or gbk.
           A `revisit` says that the same bytes came again: its WARC-Refers-To names the record that holds them.
           *.open is being written; *.tail is what a crash left behind a whole file.
           NAME~….warc.gz came from another tool; metadata records of ours refer to its answers.
manifests/ SHA-256 of every finished file; each manifest names the one before it: sha256sum -c manifests/*.sha256
feed/changes/YYYY-MM-DD.jsonl
           what was said of it, one JSON event a line, only appended: new, update, moved, delete, restore.
           `seq` counts them.  `evidence` says where each is proved: WARC file, offset and length of the record:
             tail -c +$((offset + 1)) warc/FILE | head -c LENGTH | zcat
feed/feed.json
           the newest 500 articles as a JSON Feed 1.1.  feed/schema/ describes all formats (JSON Schema).
feed/clusters.json
           the same story on several sites: the newest 500 clusters of items that share most of their text.
sites/     which sites are watched, one short TOML file each.  profiles/ what was learned of their layout.
index/     CDXJ: URL and time -> WARC file and offset, as pywb reads it.
log/       one line for every request, also for what was refused and why (Heritrix's crawl.log form).
state.sqlite
           what is known and what is next.  Can be made again from the rest: `parknews rebuild`.
parknews.toml
           who crawls and within which limits.

WARC files and the change log are what matters; everything else can be made again from them and from sites/.
"""

CONFIG = """\
# Who crawls: both go into the user agent and into every WARC file, so that a site's owner knows whom to ask.
operator   = {operator}
contact    = {contact}
collection = {collection}   # begins the names of WARC files

# proxy = "http://proxy.example:3128"
# workers = 2                      # reading processes; default: one less than processors

[politeness]
delay    = 3.0                     # seconds between two requests to a host, ± 50 %
per_host = 1                       # connections

[limits]
requests_per_day = 2000            # a host
page_mb          = 20
attachment_mb    = 100
timeout          = 60              # seconds for a whole answer
"""


def initialise(home: Home, operator: str, contact: str, collection: str) -> Path:
    """Write parknews.toml (other keys of an existing one stay) and the files that explain the home.

    Raises HomeError naming the key when the result is no configuration.
    """
    before = home.config.read_text("utf-8") if home.config.exists() else None
    values = {"operator": operator, "contact": contact, "collection": collection}
    if before is None:
        text = CONFIG.format(**{key: tomlkit.item(value).as_string() for key, value in values.items()})
    else:
        document = tomlkit.parse(before)
        document.update(values)
        text = tomlkit.dumps(document)
    replace(home.config, text.encode())
    try:
        load(home)
    except HomeError:
        if before is None:
            home.config.unlink()
        else:
            replace(home.config, before.encode())
        raise
    explain(home)
    return home.config


def explain(home: Home) -> None:
    """Write README.txt and the schemas; what a stranger finds first."""
    replace(home.root / "README.txt", EXPLAINED.encode())
    write_schemas(home.feed / "schema")


def switch(home: Home, name: str, **flags: bool) -> None:
    """Set paused/retired in a definition, comments kept; a flag that is off is left out.  Raises SiteError."""
    path = home.sites / f"{name}.toml"
    document: Any = tomlkit.parse(path.read_text("utf-8"))
    for key, on in flags.items():
        if on:
            if key not in document:
                _before_tables(document, key)
            document[key] = True
        elif key in document:
            del document[key]
    replace(path, tomlkit.dumps(document).encode())
    load_site(path)


def _before_tables(document: Any, key: str) -> None:
    """Put a key among the top-level keys: behind a [table] it would belong to that."""
    tables = {
        name: document[name]
        for name in list(document)
        if isinstance(document[name], tomlkit.items.AoT | tomlkit.items.Table)
    }
    for name in tables:
        del document[name]
    document[key] = True
    for name, table in tables.items():
        document[name] = table
