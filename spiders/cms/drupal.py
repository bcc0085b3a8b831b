"""Drupal: Western public bodies, some in Hong Kong and Singapore.

Recognised by: generator Drupal, headers X-Generator and X-Drupal-Cache, /sites/default/files/, drupalSettings.
List: views, div.views-row with a link, time[datetime]; paging ?page=N counted from 0 (page 2 is ?page=1), by links
(li.pager__item--next, rel=next).  Article: /node/123 or a path alias.
"""

from pipelines.decode import Document
from spiders.cms.family import Family
from spiders.cms.marks import generator, header, patterns, seen


class Drupal(Family):
    NAME = "drupal"
    MARKS = patterns(
        files=r"/sites/(?:default|all|[\w.-]{3,60})/(?:files|themes|modules)/",
        settings=r"drupal-settings-json|Drupal\.settings|data-drupal-",
    )

    def recognise(self, page: Document, /) -> tuple[str, ...]:
        found = [f"generator: {generator(page)}"] if generator(page).lower().startswith("drupal") else []
        if "drupal" in header(page, "X-Generator").lower() or header(page, "X-Drupal-Cache"):
            found.append(f"header: {header(page, 'X-Generator') or 'X-Drupal-Cache'}")
        return (*found, *seen(page, self.MARKS))
