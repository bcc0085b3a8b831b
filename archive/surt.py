"""URLs -> SURT keys, as pywb sorts and looks up captures by them: http://www.B.cn/x?b=2&a=1 -> cn,b)/x?a=1&b=2.

A key forgets what seldom makes another page: scheme, www, default port, user, letter case, order of the query, session
ids, a slash at the end.  Rules found by asking pywb 2.10 (package surt 0.3.1, unkept since 2019 and AGPL, so not used);
tests/test_archive_surt.py holds its answers.  Non-HTTP URIs are their own keys.
"""

import re
import socket
from urllib.parse import quote_from_bytes, unquote_to_bytes

HTTP = re.compile(r"(https?)://+", re.IGNORECASE)
AUTHORITY = re.compile(r"(?:[^@/?#]*@)*(?P<host>\[[^\]]*\]|[^:/?#]*)(?::(?P<port>[0-9]*))?(?P<rest>.*)", re.DOTALL)
DEFAULT_PORT = {"http": "80", "https": "443"}
WWW = re.compile(rb"www[0-9]*\.")
# Everything printable but % and #, which would read as something else.
SAFE = b"!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
DOTTED = re.compile(rb"[0-9]+(?:\.[0-9]+){0,3}")
# Session ids that servers of the time put into every link (jsp, php, asp, ColdFusion; ASP.NET in the path).
QUERY_SESSION = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rb"(.*)jsessionid=[0-9a-z]{32}(?:&(.*))?",
        rb"(.*)phpsessid=[0-9a-z]{32}(?:&(.*))?",
        rb"(.*)sid=[0-9a-z]{32}(?:&(.*))?",
        rb"(.*)aspsessionid[a-z]{8}=[a-z]{24}(?:&(.*))?",
        rb"(.*)cfid=[^&]+&cftoken=[^&]+(?:&(.*))?",
    )
]
PATH_SESSION = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rb"(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)",
        rb"(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)",
    )
]


def surt(url: str) -> str:
    """Return the key of an http or https URL, ASCII; any other URI as it is."""
    text = re.sub(r"[\r\n\t]", "", url.strip())
    scheme = HTTP.match(text)
    if scheme is None:
        return text
    parts = AUTHORITY.fullmatch(text, scheme.end())
    assert parts is not None, "the pattern takes any text"
    port = parts["port"] or ""
    if port.lstrip("0") in ("", DEFAULT_PORT[scheme[1].lower()]):
        port = ""
    resource = parts["rest"].partition("#")[0]
    path, _, query = resource.partition("?")
    key = _host(parts["host"]) + (b":" + port.lstrip("0").encode() if port else b"") + b")" + _path(path)
    folded = _query(query)
    return (key + (b"?" + folded if folded else b"")).decode("ascii")


def _host(text: str) -> bytes:
    host = _unquoted(text.strip("[]"))
    try:
        host.decode("ascii")
    except UnicodeDecodeError:
        host = _idna(host)
    host = host.replace(b"..", b".").strip(b".")
    if DOTTED.fullmatch(host):
        host = _dotted(host)
    host = _quoted(host.lower())
    return b",".join(reversed(host[www.end() if (www := WWW.match(host)) else 0 :].split(b".")))


def _idna(host: bytes) -> bytes:
    try:
        return host.decode("utf-8", "ignore").encode("idna")
    except UnicodeError:
        return host


def _dotted(host: bytes) -> bytes:
    """Return four decimal numbers for any way to write an IPv4 address: in one piece, octal, parts left out."""
    if b"." not in host:
        return socket.inet_ntoa((int(host) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    try:
        return socket.inet_ntoa(socket.inet_aton(host.decode())).encode()
    except OSError:
        return host


def _path(text: str) -> bytes:
    kept: list[bytes] = []
    segments = _unquoted(text).split(b"/")[1:]
    for segment in segments:
        if segment == b".." and kept:
            kept.pop()
        elif segment != b".":
            kept.append(segment)
    whole = b"/" + b"".join(segment + b"/" for segment in kept[:-1] if segment) + b"".join(kept[-1:])
    path = _quoted(whole).lower()
    for pattern in PATH_SESSION:
        if found := pattern.fullmatch(path):
            path = found[1] + found[2]
    return path[:-1] if path.endswith(b"/") and len(path) > 1 else path


def _query(text: str) -> bytes:
    query = _quoted(_unquoted(text))
    for pattern in QUERY_SESSION:
        if found := pattern.fullmatch(query):
            query = b"".join(kept for kept in found.groups() if kept)
    arguments = query.lower().split(b"&")
    arguments.sort(key=_name_and_value)
    return b"&".join(arguments)


def _name_and_value(argument: bytes) -> list[bytes]:
    return argument.split(b"=", 1)


def _unquoted(text: str) -> bytes:
    """Take percent-encoding off until none is left: what was encoded twice is the same page."""
    data = text.encode("utf-8", "surrogateescape")
    while (plain := unquote_to_bytes(data)) != data:
        data = plain
    return data


def _quoted(data: bytes) -> bytes:
    return quote_from_bytes(data, safe=SAFE).encode("ascii")
