"""Where things lie in a home: one deployment, one directory (the contract is in README, "Where data lies").

Everything below is derived from the root, so that a home can be moved or copied as a whole.
"""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT = Path(__file__).resolve().parent / "data"
# In the name of a WARC that another tool wrote (archive.foreign); no collection, time, serial or host holds one.
IMPORTED = "~"


def is_imported(warc: str) -> bool:
    """Tell by its name whether a WARC of the home is another tool's."""
    return IMPORTED in warc


class HomeError(Exception):
    """The home cannot be used; the message names the path and the remedy."""


@dataclass(frozen=True)
class Home:
    """Paths of one home.  Nothing is created before `prepare`."""

    root: Path

    @classmethod
    def find(cls, given: str | None) -> "Home":
        """Return the home of `--home`, else of PARKNEWS_HOME, else archive/data under the project root."""
        return cls(Path(given or os.environ.get("PARKNEWS_HOME") or DEFAULT).expanduser().resolve())

    @property
    def config(self) -> Path:
        return self.root / "parknews.toml"

    @property
    def sites(self) -> Path:
        return self.root / "sites"

    @property
    def profiles(self) -> Path:
        return self.root / "profiles"

    @property
    def warc(self) -> Path:
        return self.root / "warc"

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def state(self) -> Path:
        return self.root / "state.sqlite"

    @property
    def feed(self) -> Path:
        return self.root / "feed"

    @property
    def changes(self) -> Path:
        return self.root / "feed" / "changes"

    @property
    def manifests(self) -> Path:
        return self.root / "manifests"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def locks(self) -> Path:
        return self.root / "lock"

    def is_there(self) -> bool:
        """Tell whether somebody began a home here: a bare folder with definitions is one, any other folder is not."""
        return any(
            path.exists() for path in (self.config, self.sites, self.state, self.warc, self.changes, self.manifests)
        )

    def prepare(self) -> "Home":
        """Create the folders.  Raises HomeError when the root cannot be written."""
        folders = (
            self.sites,
            self.profiles,
            self.warc,
            self.index,
            self.changes,
            self.feed / "schema",
            self.logs,
            self.locks,
        )
        try:
            for folder in folders:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(
                f"home {self.root}: {error.strerror}: choose another with --home or PARKNEWS_HOME"
            ) from error
        if not os.access(self.root, os.W_OK):
            raise HomeError(f"home {self.root}: not writable: choose another with --home or PARKNEWS_HOME")
        return self
