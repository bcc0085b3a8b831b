"""How many pages a list has, as far as its first page says: for the proof sheet and the cost of a first crawl only.

Totals on pages lie often enough that no walk trusts them.
"""

import re

from spiders.cms import json_list
from spiders.cms.anchors import anchors
from spiders.cms.scripts import calls, number, plain, script_text
from spiders.cms.turns import page_number
from spiders.judge import shape
from spiders.prospects import Found

SAID = re.compile(
    r"共\s*(\d{1,5})\s*页|\d{1,5}\s*[/／]\s*(\d{1,5})\s*页|<totalpage>(\d{1,5})</totalpage>|"
    r"(?:countPage|totalPages?|pageCount|total_pages?)[\"']?\s*[=:]\s*[\"']?(\d{1,5})\b",
    re.I,
)
MOST = 5000


def page_total(found: Found) -> int | None:
    """Return the number of pages that a list shows or says, None when it does neither."""
    if found.next is None:
        return 1
    if found.probe is None:
        return None
    document = found.probe.document
    if found.options.get("pages") or found.options.get("total"):
        answer = json_list.value(document)
        pages, total = (json_list.at(answer, str(found.options.get(key, ""))) for key in ("pages", "total"))
        if isinstance(pages, int):
            return pages
        if isinstance(total, int) and found.rows:
            return -(-total // len(found.rows))
    if document.kind != "html":
        return None
    script = script_text(document)
    for arguments in calls(script, "createPageHTML", "createPage"):
        for place in (0, 1):
            count = number(script, arguments[place]) if len(arguments) > place else None
            if count is not None and not plain(arguments[place]).startswith("page"):
                return count
    said = SAID.search(document.text[:400_000])
    if said:
        return min(MOST, int(next(group for group in said.groups() if group)))
    form = shape(found.next.url)
    numbers = [page_number(link.url) for link in anchors(document) if link.url and shape(link.url) == form]
    return max((one for one in numbers if one is not None and one < MOST), default=None)
