"""WordPress: companies, associations, media; Macau and US bodies too.

Recognised by: generator WordPress, /wp-content/, /wp-includes/, a Link header or <link> to /wp-json/.
List in HTML: category pages of cards (article.post, h2.entry-title, time.entry-date); paging /page/2/ by links.
List by REST, where open: /wp-json/wp/v2/posts?per_page=100&page=N: [{link, title {rendered}, date, date_gmt}], pages in
the header X-WP-TotalPages; the definition gives that URL.  Feeds: /feed/ (adapter rss); /wp-sitemap.xml.
Article: /2020/12/17/slug/, /archives/123, /?p=123.
"""

from pipelines.decode import Document
from spiders.cms import json_list
from spiders.cms.adapter import Ask, Row, Visit
from spiders.cms.calls import get, parameter, with_parameter
from spiders.cms.family import Family
from spiders.cms.json_list import at, value
from spiders.cms.marks import generator, header, patterns, seen

REST = "/wp-json/wp/v2/"
FORM = {"items": "", "title": "title.rendered", "url": "link", "date": "date"}


class WordPress(Family):
    NAME = "wordpress"
    MARKS = patterns(
        paths=r"(?:src|href)=[\"'][^\"'\s]{0,200}/wp-(?:content|includes)/",
        rest=r"<link[^>]{1,200}https://api\.w\.org/",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        if REST in page.url and page.text.lstrip()[:1] == "[":
            return ("rest: posts",) if at(value(page), "0.title.rendered") is not None else ()
        named = generator(page)
        found = [f"generator: {named}"] if named.lower().startswith("wordpress") else []
        if "wp-json" in header(page, "Link"):
            found.append(f"header: Link {header(page, 'Link')[:60]}")
        return (*found, *seen(page, self.MARKS))

    def rows(self, page: Document, visit: Visit, /) -> list[Row]:
        return json_list.rows_of(page, FORM) if REST in page.url else super().rows(page, visit)

    def following(self, page: Document, rows: list[Row], visit: Visit, /) -> Ask | None:
        if REST not in page.url:
            return super().following(page, rows, visit)
        number = int(found) if (found := parameter(page.url, "page")) and found.isdigit() else 1
        pages = header(page, "X-WP-TotalPages")
        size = parameter(page.url, "per_page") or "10"
        last = number >= int(pages) if pages.isdigit() else size.isdigit() and len(rows) < int(size)
        return None if last or not rows else get(with_parameter(page.url, "page", str(number + 1)), page, visit)
