"""The walls between the rooms: who may import whom, and who may know private names of Scrapy and Twisted.

archive knows none of ours; pipelines only archive, and no Scrapy; spiders those two; crawler all.  Read from the source,
so that an import inside a function counts too.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("archive", "pipelines", "spiders", "crawler")
MAY_IMPORT = {
    "archive": set[str](),
    "pipelines": {"archive"},
    "spiders": {"archive", "pipelines"},
    "crawler": {"archive", "pipelines", "spiders"},
}
FRAMEWORKS = {"scrapy", "twisted", "itemadapter", "queuelib"}
# The spider class and nothing else of spiders/ is Scrapy's; its pages are read without it.
SCRAPY_IN_SPIDERS = {"spiders/news.py"}
PRIVATE_NAMES = {"crawler/wire.py"}
LOOKS_FOR_SHADOWS = {"crawler/cli.py"}  # it says which package took the name of a room


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py") if "data" not in path.parts)


def imports(path: Path) -> Iterator[tuple[str, str | None]]:
    """Yield (module, name) of every import of a file; name is None for `import module`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; rooms are named"
            for alias in node.names:
                yield node.module or "", alias.name


def private(name: str | None) -> bool:
    return name is not None and name.startswith("_") and not name.startswith("__")


def offenders(found: Iterator[tuple[Path, object]]) -> dict[str, list[object]]:
    """Return what was found by file, so that a failing test names all of it."""
    table: dict[str, list[object]] = {}
    for path, what in found:
        table.setdefault(str(path.relative_to(ROOT)), []).append(what)
    return table


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports_no_other_beyond_its_walls(room: str) -> None:
    closed = set(ROOMS) - MAY_IMPORT[room] - {room}
    found = (
        (path, module) for path in modules(room) for module, _ in imports(path) if module.partition(".")[0] in closed
    )
    assert offenders(found) == {}


def test_room_is_never_imported_as_a_whole() -> None:
    """`import crawler` would take whatever package of that name comes first."""
    found = (
        (path, module) for path in modules(*ROOMS) for module, name in imports(path) if module in ROOMS and name is None
    )
    assert set(offenders(found)) <= LOOKS_FOR_SHADOWS


def test_rooms_that_need_no_framework_import_none() -> None:
    rooms = modules("archive", "pipelines", "spiders")
    found = ((path, module) for path in rooms for module, _ in imports(path) if module.partition(".")[0] in FRAMEWORKS)
    assert set(offenders(found)) <= SCRAPY_IN_SPIDERS


def test_private_names_of_scrapy_and_twisted_are_known_in_one_module() -> None:
    found = (
        (path, f"{module}.{name}")
        for path in modules(*ROOMS)
        for module, name in imports(path)
        if module.partition(".")[0] in FRAMEWORKS and any(map(private, (*module.split("."), name)))
    )
    assert set(offenders(found)) == PRIVATE_NAMES


def test_private_attributes_of_others_are_touched_in_that_module_alone() -> None:
    """In the crawler room; a module's own classes may know each other."""
    found = ((path, what) for path in modules("crawler") for what in foreign_attributes(path))
    assert set(offenders(found)) <= PRIVATE_NAMES


def foreign_attributes(path: Path) -> Iterator[str]:
    """Yield private attributes that a module uses and does not define."""
    tree = ast.parse(path.read_text("utf-8"))
    own = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    own |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and private(node.attr) and node.attr not in own:
            yield f"{node.attr} in line {node.lineno}"


def test_every_package_is_listed_in_pyproject() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in modules(*ROOMS) if path.name == "__init__.py"}
    assert set(listed) == there


def test_versions_that_private_names_stand_on_are_pinned_narrowly() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    for name in ("scrapy", "twisted"):
        (line,) = [one for one in wanted if one.startswith(name)]
        assert ">=" in line
        assert ",<" in line, f"{line}: an upper bound is needed"
