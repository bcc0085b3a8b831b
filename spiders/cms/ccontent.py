"""The content.html family (TurboCMS-like): SASAC, MPS, CNAO, NIA, CNSA, SASTIND.

Recognised by: articles /nA/nB/cID/content.html beside lists /nA/nB/index.html.
List: server HTML, rows li a + span.  Paging: links, else the script of the page; older pages are known to be called
index_NODEID_N.html counted DOWN from the newest, which was not seen and is therefore not guessed.
Article: no date in the URL.
"""

from spiders.cms.family import Family
from spiders.cms.marks import patterns


class Ccontent(Family):
    NAME = "ccontent"
    MARKS = patterns(link=r"/n\d+/(?:n\d+/)*c\d+/content\.html$")
