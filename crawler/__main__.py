"""`python -m crawler` is `parknews`."""

import sys

from crawler.cli import main

sys.exit(main())
