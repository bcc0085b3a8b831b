"""The demo sites say what their truth says, and every trap is really on its page."""

from tests.demo.truth import truth


def test_each_site_has_forty_articles_or_more() -> None:
    assert all(len(site["articles"]) >= 40 for site in truth(1).values())
