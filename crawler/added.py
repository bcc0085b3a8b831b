"""What `parknews add` has finished, line by line, so that a killed command goes on where it was.

A batch is the set of URLs of one command.  While it runs, each finished URL is kept with what became of it, blocked and
failed ones too; when the batch is through they are forgotten, and the same command asks again for what it did not get.
Which host a URL led to is kept for good: a site known by its new name is not asked by its old one.
"""

import hashlib
from collections.abc import Sequence

from archive.paths import Home
from archive.state import State

LEADS = ""  # the batch of hosts that lead to a site of another host


class Finished:
    """The finished URLs of one batch, in the state of a home."""

    def __init__(self, home: Home, urls: Sequence[str]) -> None:
        home.root.mkdir(parents=True, exist_ok=True)
        self.state = State(home.state)
        self.batch = hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:16]

    def before(self) -> dict[str, tuple[str, str | None, str]]:
        """Return status, name and note by URL of what a stopped command had finished."""
        rows = self.state.db.execute("SELECT url, status, name, note FROM added WHERE batch = ?", (self.batch,))
        return {url: (status, name, note) for url, status, name, note in rows}

    def note(self, url: str, status: str, name: str | None, note: str) -> None:
        self._put(self.batch, url, status, name, note)

    def leads(self) -> dict[str, str]:
        """Return the site by name that a host leads to."""
        return dict(self.state.db.execute("SELECT url, name FROM added WHERE batch = ?", (LEADS,)).fetchall())

    def lead(self, host: str, name: str) -> None:
        self._put(LEADS, host, "known", name, "")

    def close(self, *, whole: bool) -> None:
        """whole: every URL of the batch was finished."""
        if whole:
            with self.state.transaction() as db:
                db.execute("DELETE FROM added WHERE batch = ?", (self.batch,))
        self.state.close()

    def _put(self, *values: str | None) -> None:
        with self.state.transaction() as db:
            db.execute("INSERT OR REPLACE INTO added VALUES (?, ?, ?, ?, ?)", values)
