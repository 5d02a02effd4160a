"""The house's rules about code, each a function from a parsed file to the places that break it."""

import ast
import re
from collections.abc import Iterator

FUNCTION_LINES = 60
FILE_LINES = 400
EMPTY_WORDS = {"data", "helper", "helpers", "info", "manager", "service", "services", "util", "utils"}
"""Names that say nothing of the field."""

CLOCKS = {"now", "today", "utcnow", "localtime", "gmtime"}
CHANCE = {"random", "secrets", "uuid"}
WITNESS = re.compile(r"^_?(assert|expect|check|raises|warns|fail|refuse|demand|must|same|agree)", re.IGNORECASE)
"""How the name of a function begins that a test may leave its assertions to."""

Def = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Def]:
    """Every function and method, nested ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, Def))


def length(node: ast.stmt) -> int:
    """Lines of a function or class, from its name to its last line."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def long_functions(tree: ast.Module) -> list[str]:
    """Functions over the hard stop."""
    return [f"{node.lineno}: {node.name} has {length(node)} lines" for node in functions(tree) if length(node) > FUNCTION_LINES]


def _public(body: list[ast.stmt]) -> Iterator[Def | ast.ClassDef]:
    """Public functions and classes of a body, and those of the public classes in it."""
    for node in body:
        if isinstance(node, Def | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def without_docstring(tree: ast.Module) -> list[str]:
    """The module itself, public functions and public classes that say nothing about themselves."""
    bare = [] if ast.get_docstring(tree) else ["1: the module has no docstring"]
    return bare + [f"{node.lineno}: {node.name} has no docstring" for node in _public(tree.body) if not ast.get_docstring(node)]


def without_annotation(tree: ast.Module) -> list[str]:
    """Functions that do not say what they return."""
    return [f"{node.lineno}: {node.name} has no return annotation" for node in functions(tree) if node.returns is None]


def floats(tree: ast.Module) -> list[str]:
    """Any use of float: a call, an annotation, or a literal with a point."""
    names = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "float"]
    literals = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    return [f"{line}: a float where money is counted" for line in sorted(names + literals)]


def _called(node: ast.AST) -> tuple[str, str]:
    """The last two names of what a call calls: `datetime.now()` gives ("datetime", "now"); empty strings for other nodes."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return "", ""
    owner = node.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name, node.func.attr


def clock_calls(tree: ast.Module) -> list[str]:
    """Calls that learn the time from the machine instead of from the clock that is passed in."""
    calls = [(node.lineno, *_called(node)) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        f"{line}: {owner}.{name}() asks the machine for the time"
        for line, owner, name in calls
        if (name in CLOCKS and owner in {"datetime", "date", "timezone", "time"}) or (owner, name) == ("time", "time")
    ]


def chance_calls(tree: ast.Module) -> list[str]:
    """Calls that draw by chance without a seed: the random module itself, an unseeded Random, random ids."""
    found = []
    for node in ast.walk(tree):
        owner, name = _called(node)
        if owner in CHANCE and name not in {"Random", "UUID", "uuid5", "compare_digest"}:
            found.append((node, f"{owner}.{name}"))
        elif isinstance(node, ast.Call) and name in {"Random", "default_rng"} and not node.args:
            found.append((node, f"{owner}.{name} without a seed"))
    return [f"{getattr(node, 'lineno', 0)}: {what}() draws by chance" for node, what in found]


def _words(name: str) -> set[str]:
    """The words in a name, CamelCase and snake_case alike, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def empty_name(name: str) -> bool:
    """Does the name of a module, folder or class lean on a word that says nothing of the field?"""
    return bool(_words(name) & EMPTY_WORDS)


def empty_class_names(tree: ast.Module) -> list[str]:
    """Classes whose name leans on such a word."""
    return [
        f"{node.lineno}: class {node.name} has an empty name"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and empty_name(node.name)
    ]


def _bears_witness(node: ast.AST) -> bool:
    """Is this an assertion that can fail, or a call of something that asserts?"""
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant | ast.Tuple)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return bool(WITNESS.match(name))
    return False


def assertless(tree: ast.Module) -> list[str]:
    """Test functions that nothing can make fail: no assertion, or only assertions of a constant."""
    return [
        f"{node.lineno}: {node.name} asserts nothing"
        for node in functions(tree)
        if node.name.startswith("test") and not any(_bears_witness(inner) for inner in ast.walk(node))
    ]


def mocks(tree: ast.Module) -> list[str]:
    """Imports of unittest.mock: a test speaks to our own code, or to a fake written out in full."""
    found = []
    for node in ast.walk(tree):
        names = [name.name for name in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if "unittest.mock" in (module, *names) or (module == "unittest" and "mock" in names):
            found.append(f"{getattr(node, 'lineno', 0)}: unittest.mock")
    return found


_SELECT_STAR = r"\bselect\s+(?:distinct\s+)?(?:\w+\.)?\*"
_STAR = re.compile(_SELECT_STAR + r"|\b[a-z_]\w*\.\*|\bcolumns\(\s*\*", re.IGNORECASE)


def stars(sql: str) -> list[str]:
    """Columns taken by `*` instead of by name, in a statement's text; comments are left out."""
    bare = re.sub(r"--[^\n]*", "", sql)
    return [f"{bare[: found.start()].count(chr(10)) + 1}: {found.group()}" for found in _STAR.finditer(bare)]


def stars_in_texts(tree: ast.Module) -> list[str]:
    """`SELECT *` inside the texts of a Python file."""
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [f"{node.lineno}: SELECT *" for node in texts if re.search(_SELECT_STAR, str(node.value), re.IGNORECASE)]
