"""The body of a request -> query text in its index key, so that each POST of one URL is found by itself in replay.

A list page asks /list.do with pageNo=1, 2, 3: one URL, many answers.  pywb and wabac append the method and the body to
the URL as __wb_method=POST&… before the key is made; what is appended must be theirs to the letter, or replay misses.
Rules found by asking pywb 2.10's indexer; tests/test_archive_formquery.py holds its answers.
"""

import base64
import email.policy
import json
from email import message_from_bytes
from typing import Any
from urllib.parse import unquote_plus, urlencode

# Characters of the folded body that count, in pywb.
QUERY_LIMIT = 4096


def folded_url(url: str, method: str, body_query: str) -> str:
    """Return the URL whose SURT is the key: `url` itself for GET."""
    if method == "GET":
        return url
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}__wb_method={method}" + (f"&{body_query}" if body_query else "")


def body_query(method: str, content_type: str, body: bytes) -> str:
    """Return the body as query text; "" if there is none or the method has none (only POST and PUT do).

    content_type: as sent, "" if there is none.  body: entity body.
    """
    if method not in ("POST", "PUT") or not body:
        return ""
    return _text(content_type, body)[:QUERY_LIMIT]


def _text(content_type: str, body: bytes) -> str:
    if content_type.startswith("application/x-www-form-urlencoded"):
        try:
            return unquote_plus(body.decode("utf-8"))
        except UnicodeDecodeError:
            return _binary(body)
    if content_type.startswith("multipart/"):
        return _multipart(content_type, body)
    if content_type.startswith(("application/json", "text/plain")):
        found = _json(body)
        return found if found is not None else "" if content_type.startswith("application/json") else _binary(body)
    return _binary(body)


def _binary(body: bytes) -> str:
    return "__wb_post_data=" + base64.b64encode(body).decode("ascii")


def _multipart(content_type: str, body: bytes) -> str:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = message_from_bytes(head + body, policy=email.policy.HTTP)
    if not message.is_multipart():
        return _binary(body)
    pairs: list[tuple[str, str | bytes]] = []
    for part in message.iter_parts():
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        data = value if isinstance(value, bytes) else b""
        pairs.append((str(name), data if part.get_filename() is not None else data.decode("utf-8", "replace")))
    return urlencode(pairs)


def _json(body: bytes) -> str | None:
    """Flatten to name=value pairs, repeats numbered; None if it is no JSON."""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return None
    pairs: dict[str, str] = {}
    _flatten(tree, "", pairs, {})
    return urlencode(pairs)


def _flatten(value: Any, name: str, pairs: dict[str, str], seen: dict[str, int]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(inner, key, pairs, seen)
    elif isinstance(value, list):
        for inner in value:
            _flatten(inner, name, pairs, seen)
    elif name:
        if name in pairs:
            seen[name] = seen.get(name, 1) + 1
            name = f"{name}.{seen[name]}_"
        pairs[name] = _scalar(value)


def _scalar(value: str | float | bool | None) -> str:
    """Write a value as JavaScript would: true, null, 1 for 1.0."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
