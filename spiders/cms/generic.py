"""Any list page: the group of links that looks most like a list of articles, and the page turn that the page shows.

Recognition: none; it answers when no family does.  List: see spiders.cms.lists.  Paging: see spiders.cms.turns.
"""

from spiders.cms.family import Family


class Generic(Family):
    NAME = "generic"
