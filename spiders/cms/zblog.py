"""Z-BlogPHP: small parks, local aggregators, farms.

Recognised by: generator "Z-BlogPHP", header Product, /zb_system/ and /zb_users/ paths.
List: home, ?cate=N, /category-N.html …; entries are cards with title, teaser, author, date, category and counter,
sometimes run together in one string (author1年前 (2024-09-24)category41): the bracket holds the date.
Paging: div.pagebar links, » for the next; ?page=N or …_N.html, counted from 1.
Article: ?id=N, /post/N.html, /index.php/post/N.html.  Feed: /feed.php (adapter rss) is cleaner where open.
"""

from pipelines.decode import Document
from spiders.cms.family import Family
from spiders.cms.marks import generator, header, patterns, seen


class ZBlog(Family):
    NAME = "zblog"
    MARKS = patterns(paths=r"/zb_(?:system|users)/")

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        found = [f"generator: {generator(page)}"] if "z-blog" in generator(page).lower() else []
        if "z-blog" in header(page, "Product").lower():
            found.append(f"header: Product {header(page, 'Product')}")
        return (*found, *seen(page, self.MARKS))
