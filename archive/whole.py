"""A file written whole or not at all: a reader never sees half of it, and a full disk leaves the old one as it was.

Also the one place that gives an error of the disk the name of its file, which write(2) does not know.  Used for
everything in a home that is replaced rather than appended to.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

STALE_SECONDS = 3600.0  # a draft older than this belongs to nobody


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to; `path` gets what was written, on the disk, when the block ends well.

    Several processes may do so at once: each has a draft of its own (NAME.PID.tmp), the last one counts.
    Raises OSError that names `path`.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise named(error, path) from error
    finally:
        draft.unlink(missing_ok=True)


def named(error: OSError, path: Path) -> OSError:
    """Return the error with the name of the file it is about."""
    return OSError(error.errno, error.strerror or str(error), error.filename or str(path))


def tidy_drafts(directory: Path) -> None:
    """Remove drafts that a killed process left."""
    for path in directory.glob("*.tmp"):
        try:
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue
