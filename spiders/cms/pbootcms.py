"""PbootCMS: small companies and parks.

Recognised by: header X-Powered-By: PbootCMS, generator, /static/…/pbootcms, /?list_5/ and /?news/123.html links.
List: /list_5/, /?list_5/, /column/; rows in server HTML.  Paging: /list_5_2/ or …_2.html and ?page=2, by links.
Article: /news/123.html, /?news/123.html; names are free.
"""

from pipelines.decode import Document
from spiders.cms.family import Family
from spiders.cms.marks import generator, header, patterns, seen


class PbootCms(Family):
    NAME = "pbootcms"
    MARKS = patterns(
        credit=r"pbootcms",
        link=r"/\?(?:list|about|news|product|case)_?\d{0,5}/(?:\d+\.html)?$",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        found = (
            [f"header: X-Powered-By {header(page, 'X-Powered-By')}"]
            if "pboot" in header(page, "X-Powered-By").lower()
            else []
        )
        if "pboot" in generator(page).lower():
            found.append(f"generator: {generator(page)}")
        return (*found, *seen(page, self.MARKS))
