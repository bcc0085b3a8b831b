"""HTTP header blocks for others' eyes: cookies and credentials out, every other byte as it was.

Our archive keeps what went over the wire; what leaves the house as a WACZ must not carry a session along.  Requests are
ours, and a definition may give them any header, so there only names known to be harmless stay.  Answers keep all but
names that speak of cookies, tokens, keys and sessions.  Used by archive.excerpt.
"""

import re

# Names of RFC 9110, RFC 9111 and the Fetch standard that say nothing of who may enter.
REQUEST_KEPT = re.compile(
    "host|user-agent|from|accept(-(charset|encoding|language|datetime))?|connection|keep-alive|cache-control|pragma|"
    "content-(type|length|encoding)|transfer-encoding|te|trailer|upgrade|upgrade-insecure-requests|via|date|expect|"
    "max-forwards|range|if-(range|match|none-match|modified-since|unmodified-since)|referer|origin|x-requested-with|"
    "dnt|sec-fetch-(dest|mode|site|user)"
)
ANSWER_SECRET = re.compile(
    r"cookie|token|secret|session|api-?key|csrf|xsrf|^authorization$|^(proxy-)?authentication-info$"
)
LINE = re.compile(rb"[^\n]*\n|[^\n]+")


def redact_head(head: bytes, *, request: bool) -> tuple[bytes, tuple[str, ...]]:
    """Return a header block without what is secret, and the names taken out, lower-case, each once.

    head: start line and headers as sent, with or without the blank line; bare LF and folded lines are understood.
    """
    start, *lines = LINE.findall(head) or [b""]
    kept, removed, dropping = [start], dict[str, None](), False
    for line in lines:
        if line[:1] not in (b" ", b"\t"):  # else it goes on with the line before
            name = line.partition(b":")[0].strip().lower().decode("latin-1")
            dropping = bool(name) and _secret(name, request)
            if dropping:
                removed[name] = None
        if not dropping:
            kept.append(line)
    return b"".join(kept), tuple(removed)


def _secret(name: str, request: bool) -> bool:
    return (REQUEST_KEPT.fullmatch(name) is None) if request else (ANSWER_SECRET.search(name) is not None)
