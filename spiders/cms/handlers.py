"""Page turns that hide behind a click: functions that build a URL, forms that are submitted with another number.

Old pages say <a href="javascript:goPage(2)">下一页</a> with function goPage(n) { location.href = "list.jsp?p=" + n },
or set a field of a form and submit it, or call ASP.NET's __doPostBack.  The script is read, not run.
"""

import re

from lxml.html import HtmlElement

from pipelines.decode import Document
from spiders.cms.adapter import Ask
from spiders.cms.calls import encoded
from spiders.cms.scripts import arguments, plain, summed, variable
from spiders.links import resolve

CLICK = re.compile(r"(?:javascript:\s*|return\s+|^\s*|;\s*)([A-Za-z_$][\w$]{0,60})\s*\(([^()]{0,300})\)", re.I)
LOCATION = re.compile(r"location(?:\.href)?\s*=\s*(?!=)|location\.(?:replace|assign)\(|window\.open\(")
SET_FIELD = re.compile(
    r"(?:\.|getElementById\(\s*[\"']|\$\(\s*[\"']#)([\w$]{1,40})[\"']?\)?(?:\.value\s*=\s*|\.val\(\s*)([^;)\n]{1,60})"
)
SUBMIT = re.compile(r"\.submit\s*\(")
POST_BACK = re.compile(r"__doPostBack\(\s*['\"]([^'\"]{1,200})['\"]\s*,\s*['\"]([^'\"]{0,60})['\"]\s*\)")
LARGEST_FORM = 200_000  # bytes; __VIEWSTATE is long, but not that long


def clicked(page: Document, node: HtmlElement, script: str) -> Ask | None:
    """Return the request that a click on a link without address makes, None when the script does not say."""
    text = f"{node.get('href') or ''} ; {node.get('onclick') or ''}"
    posted = POST_BACK.search(text)
    if posted:
        return _post_back(page, node, posted[1], posted[2])
    for call in CLICK.finditer(text):
        given = [plain(argument) for argument in arguments(call[2])]
        body = _function(script, call[1])
        if body is None:
            continue
        values = dict(zip(body[0], given, strict=False))
        url = _built(page, body[1], values, script)
        if url is not None:
            return Ask(url)
        if SUBMIT.search(body[1]):
            return _submitted(page, body[1], values, script)
    return None


def _function(script: str, name: str) -> tuple[list[str], str] | None:
    """Parameters and body of a function; the body ends where its braces close."""
    start = re.search(
        rf"(?:function\s+{re.escape(name)}\s*|(?<![\w$.]){re.escape(name)}\s*=\s*function\s*\w*\s*)\(([^()]{{0,200}})\)\s*\{{",
        script,
    )
    if start is None:
        return None
    depth, at = 1, start.end()
    while depth and at < min(len(script), start.end() + 4000):
        depth += {"{": 1, "}": -1}.get(script[at], 0)
        at += 1
    return [name.strip() for name in start[1].split(",")], script[start.end() : at - 1]


def _value(name: str, values: dict[str, str], script: str) -> str | None:
    """What a name stands for inside the function: an argument, one more or less, or a variable of the page."""
    bare = name.strip("() ")
    moved = re.fullmatch(r"([\w$.]+?)\s*([+-])\s*1", bare)
    known = values.get(moved[1] if moved else bare)
    if known is None:
        known = variable(script, (moved[1] if moved else bare).rsplit(".", 1)[-1])
    if known is not None and moved:
        return str(int(known) + (1 if moved[2] == "+" else -1)) if known.isdigit() else None
    return known


def _built(page: Document, body: str, values: dict[str, str], script: str) -> str | None:
    for place in LOCATION.finditer(body):
        made = summed(body, place.end(), lambda name: _value(name, values, script))
        named = body[place.end() :].partition(";")[0]
        if made and any(re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", named) for name in values if name):
            return resolve(page.base, made, page.encoding)
    return None


def _submitted(page: Document, body: str, values: dict[str, str], script: str) -> Ask | None:
    """The form that the function submits, with the fields that it sets."""
    fields = {}
    for name, expression in SET_FIELD.findall(body):
        made = summed(expression + ";", 0, lambda text: _value(text, values, script))
        if made is not None:
            fields[name] = made
    if not fields:
        return None
    for form in page.tree.iter("form"):
        held = _fields(form)
        named = {**{_name_of(form, key): value for key, value in fields.items()}}
        if named.keys() <= held.keys():
            return _sent(page, form, {**held, **named})
    return None


def _name_of(form: HtmlElement, key: str) -> str:
    """Fields are found by id too; what is sent is the name."""
    found = next(
        (field.get("name") for field in form.iter("input", "select") if field.get("id") == key and field.get("name")),
        None,
    )
    return found or key


def _post_back(page: Document, node: HtmlElement, target: str, argument: str) -> Ask | None:
    form: HtmlElement | None = node
    while form is not None and form.tag != "form":
        form = form.getparent()
    if form is None:
        form = next(iter(page.tree.iter("form")), None)
    if form is None:
        return None
    return _sent(page, form, {**_fields(form), "__EVENTTARGET": target, "__EVENTARGUMENT": argument})


def _fields(form: HtmlElement) -> dict[str, str]:
    """What the form would send as it stands, without its buttons."""
    held: dict[str, str] = {}
    for field in form.iter("input", "select", "textarea"):
        name, kind = field.get("name"), (field.get("type") or "text").lower()
        if not name or kind in ("submit", "button", "image", "reset", "file"):
            continue
        if kind in ("checkbox", "radio") and field.get("checked") is None:
            continue
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = next((one for one in options if one.get("selected") is not None), options[0] if options else None)
            held[name] = (chosen.get("value") or "") if chosen is not None else ""
        else:
            held[name] = field.get("value") or (field.text or "" if field.tag == "textarea" else "")
    return held


def _sent(page: Document, form: HtmlElement, fields: dict[str, str]) -> Ask | None:
    url = resolve(page.base, form.get("action") or page.url, page.encoding)
    body = encoded(fields, page.encoding)
    if url is None or len(body) > LARGEST_FORM:
        return None
    if (form.get("method") or "get").lower() == "post":
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Referer", page.url))
        return Ask(url, "POST", headers, body.encode("ascii"))
    return Ask(f"{url.partition('?')[0]}?{body}")
