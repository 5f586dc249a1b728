"""The rules of the house: who may import whom, and who decides how the command ends."""

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import gradio_curl

PACKAGE = Path(gradio_curl.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [file.relative_to(PACKAGE).as_posix() for file in FILES]

# For each room, the rooms it may import from; its own is always allowed.
ALLOWED = {
    "errors": set[str](),
    "masking": set[str](),
    "network": {"errors"},
    "protocol": {"network", "errors"},
    "client": {"protocol", "network", "masking", "errors", "__init__"},
    "render": {"protocol", "masking", "errors"},
    "cli": {"client", "render", "protocol", "network", "errors", "__init__"},
    "demo": set[str](),
    "__init__": set[str](),
    "__main__": {"cli", "errors"},
}
# The rooms that draw for a terminal.
DRAWN = tuple(
    f"render/{room}.py"
    for room in (
        "batch", "chats", "frame", "info_page", "lines", "links", "markdown", "styled", "tables",
        "values",
    )
)  # fmt: skip
# The only places that may import a library from elsewhere.
IMPORTERS = {
    "requests": "client/",
    "urllib3": "client/",
    "sseclient": "client/",
    "platformdirs": "client/",
    "typer": "cli/",
    "rich": "render/",
    "markdown_it": "render/",
    "textual_image": "render/",
    "gradio": "demo.py",
    "numpy": "demo.py",
}
# What only a room with a socket, a clock, a terminal or a file in it needs.
IMPURE = {
    "asyncio", "datetime", "http", "io", "os", "random", "select", "shutil", "signal", "socket",
    "ssl", "subprocess", "sys", "tempfile", "threading", "time",
}  # fmt: skip


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text(encoding="utf-8"))


@cache
def nodes(name: str) -> tuple[ast.AST, ...]:
    """All that stands in a file: each is read once, and asked many things."""
    return tuple(ast.walk(tree(name)))


@cache
def imported(name: str) -> tuple[str, ...]:
    """Every module that a file imports, wherever in it."""
    found: list[str] = []
    for node in nodes(name):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            assert node.module is not None
            found += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    return tuple(found)


def own_modules(name: str) -> set[str]:
    """The files of the package that a file imports: in functions and for types too."""
    found = set()
    for module in imported(name):
        path = module.replace(".", "/").removeprefix("gradio_curl/") + ".py"
        if module.startswith("gradio_curl.") and path in NAMES:
            found.add(path)
    return found


def room(module: str) -> str:
    """The room of the package that a module belongs to."""
    name = [*module.split("."), "__init__"][1]
    exists = (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()
    return name if exists else "__init__"


def wrong(of: Callable[[str], Iterable[str]], names: Iterable[str] = NAMES) -> dict[str, list[str]]:
    """By file, what `of` finds in it that should not be there."""
    found = {name: sorted(of(name)) for name in names}
    return {name: faults for name, faults in found.items() if faults}


def test_imports_go_one_way() -> None:
    def too_high(name: str) -> set[str]:
        own = name.partition("/")[0].removesuffix(".py")
        rooms = {room(m) for m in imported(name) if m.split(".")[0] == "gradio_curl"}
        # `from gradio_curl import x` names the package and the room.
        if rooms != {"__init__"}:
            rooms.discard("__init__")
        return rooms - {own} - ALLOWED[own]

    assert wrong(too_high) == {}


def test_no_file_imports_another_in_a_circle() -> None:
    below = {name: own_modules(name) for name in NAMES}
    # Take away what imports nothing that is left, again and again: circles remain.
    while leaves := {name for name, imports in below.items() if not imports & below.keys()}:
        below = {name: imports for name, imports in below.items() if name not in leaves}
    assert not below


def test_the_first_line_of_a_room_says_what_it_does() -> None:
    for name in NAMES:
        first, _, rest = (ast.get_docstring(tree(name)) or "").partition("\n")
        assert first.endswith("."), f"{name} begins with {first!r}"
        assert not rest.partition("\n")[0].strip(), f"the first sentence of {name} is not one line"


def test_a_library_is_imported_in_its_room_only() -> None:
    def elsewhere(name: str) -> set[str]:
        libraries = {module.split(".")[0] for module in imported(name)}
        return {one for one in libraries if not name.startswith(IMPORTERS.get(one, ""))}

    assert wrong(elsewhere) == {}


def test_rich_is_imported_for_terminals_only() -> None:
    def of_rich(name: str) -> list[str]:
        return [module for module in imported(name) if module.split(".")[0] == "rich"]

    assert wrong(of_rich, set(NAMES).difference(DRAWN)) == {}


def test_click_is_never_imported() -> None:
    def of_click(name: str) -> list[str]:
        return [m for m in imported(name) if m.split(".")[0] == "click" or "._click" in m]

    assert wrong(of_click) == {}


def test_the_protocol_touches_no_socket_clock_terminal_or_file() -> None:
    def touched(name: str) -> set[str]:
        called = {
            node.func.id
            for node in nodes(name)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        modules = {module.split(".")[0] for module in imported(name)}
        return modules & IMPURE | called & {"open", "print", "input"}

    assert wrong(touched, [name for name in NAMES if name.startswith("protocol/")]) == {}


def test_one_place_decides_how_the_command_ends() -> None:
    def ending(name: str) -> set[str]:
        used = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in nodes(name)
            if isinstance(node, ast.Attribute | ast.Name)
        }
        return used & {"exit", "_exit", "SystemExit", "Exit", "Abort", "quit"}

    # `__main__` hands on the code that cli/main.py gives; the demo is a process of its own.
    assert wrong(ending, set(NAMES) - {"cli/main.py", "__main__.py", "demo.py"}) == {}


def test_every_failure_has_its_exit_code_in_errors() -> None:
    def assigned(name: str) -> set[str]:
        names = {
            target.id
            for node in nodes(name)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        return names & {"exit_code"}

    assert wrong(assigned, set(NAMES) - {"errors.py"}) == {}


def test_nothing_imports_the_demo() -> None:
    assert not [name for name in NAMES if "gradio_curl.demo" in imported(name)]
