"""The farm: small sites of every CMS kind, made from a seed and served on loopback, with the truth about them.

Markup follows what is known of each kind (file names, pagers, data calls, container classes, metas, noise); it is
written here, and all text is our own (tests.demo.sentences, tests.farm.english).  One set of data feeds the pages and
the truth.  tests.farm.kinds names the kinds, tests.farm.server serves them, tests.farm.walls and tests.farm.traps are
the sites that keep a crawler out or lead it astray.
"""
