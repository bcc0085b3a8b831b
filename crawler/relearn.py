"""A site's newest archived articles -> its profile, learned again after a redesign, without the network.

Profiles change only here and at onboarding, so that an item is a function of its captures, the definition, the profile's
version and the extractor.  Called by `add --again` and `reextract --relearn`; crawler.health says when it is due.
"""

from archive.paths import Home
from archive.state import State
from crawler.jobs import payload_of
from crawler.work import LARGEST_PAGE, message_of
from pipelines.feed import replace
from pipelines.item import Page
from pipelines.learn import learn
from pipelines.profile import Profile
from spiders.site import Site

PAGES, LIST_PAGES = 24, 6  # the newest, of the site and of each list; 5 to 20 of each layout are plenty, 2 are enough


def keep_profile(home: Home, name: str, learned: Profile) -> Profile:
    """Write a site's new profile as the next version of the one that is there; return what is written."""
    profile = next_profile(home, name, learned)
    replace(home.profiles / f"{name}.json", profile.to_json())
    return profile


def next_profile(home: Home, name: str, learned: Profile) -> Profile:
    path = home.profiles / f"{name}.json"
    return Profile.from_json(path.read_bytes()).followed_by(learned) if path.exists() else learned


def relearn(home: Home, state: State, site: Site) -> Profile | None:
    """Learn a site's layouts from its newest articles and keep them; None if these share none, and nothing is changed."""
    profile = learn(newest_pages(home, state, site), site.publisher())
    if not profile.templates:
        return None
    state.db.execute("DELETE FROM finding WHERE site = ? AND kind = 'layout-changed'", (site.name,))
    return keep_profile(home, site.name, profile)


def newest_pages(home: Home, state: State, site: Site) -> list[Page]:
    """Read the newest capture of each of the site's newest articles from the archive; of each list there are some."""
    found = state.captures(
        "id IN (SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS place, "
        "row_number() OVER (PARTITION BY list ORDER BY id DESC) AS of_list FROM "
        "(SELECT max(id) AS id, list FROM capture WHERE site = ? AND role = 'article' AND outcome = 'article' "
        "AND status = 200 GROUP BY url)) WHERE place <= ? OR of_list <= ?)",
        site.name,
        PAGES,
        LIST_PAGES,
    )
    pages = []
    for capture in found:
        payload = payload_of(state, capture)
        if payload is None:
            continue
        message = message_of(str(home.warc), payload)
        body = message.payload(LARGEST_PAGE)
        row = (capture.row_title, capture.row_date, capture.row_source)
        pages.append(Page(capture.url, body, 200, message.headers, *row, capture.list, capture.at))
    return pages
