"""Five invented sites with their truth, served on loopback for tests and `make demo`; standard library only.

`DemoServer` serves them, `truth(state)` says what a right crawl of them gives, `traps()` where each difficulty is.
"""

from pathlib import Path

DEFINITIONS = Path(__file__).parent / "definitions"
