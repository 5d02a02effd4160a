"""A Python file with one thing changed: the mutants of its code, each with its line and what was changed.

Changed are comparisons, limits by one, and/or, not, arithmetic, results, filters, calls whose first arguments change places, short texts
that are keys, words of SQL, and statements that are left out.  Left alone are docstrings, annotations, decorators, the words of errors.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

Made = Callable[[ast.AST], ast.AST | None]
"""What makes the changed node of a copy of the node; None leaves a statement out."""

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
NUMBER = "place_in_the_tree"
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min"}
KEY = re.compile(r"[a-z_*]+")
SQL = (
    *((" AND ", " OR "), (" OR ", " AND "), (" <= ", " < "), (" >= ", " > "), (" < ", " <= "), (" > ", " >= "), (" = ", " <> ")),
    *(("TRUE", "FALSE"), ("FALSE", "TRUE"), ("IS NULL", "IS NOT NULL"), ("IS NOT NULL", "IS NULL"), ("NOT IN ", "IN "), ("NOT ", "")),
    *((" + ", " - "), (" - ", " + "), (" 0", " 1"), (" 1", " 0"), ("LEFT JOIN", "JOIN"), ("max(", "min("), ("min(", "max(")),
    *(("bool_or(", "bool_and("), ("bool_and(", "bool_or("), (" DESC", ""), ("DISTINCT ", ""), ("NULL", "TRUE"), (" >> ", " << ")),
)
_FIELDS_SPARED = ("annotation", "returns", "decorator_list", "bases")
_NAMES_SPARED = ("__slots__", "__all__")


@dataclass(frozen=True)
class Mutant:
    """One change: the file and line, the line's text, what became of what.

    owner: the outermost function that the line stands in; empty for code that runs at import.  place: where the change is in the tree.
    """

    file: Path
    module: str
    line: int
    place: int
    change: str
    text: str
    owner: str

    @property
    def key(self) -> tuple[str, int, int]:
        """What names it while the files are as they are."""
        return str(self.file), self.line, self.place

    @property
    def name(self) -> str:
        """The file, the line and the change, for people."""
        return f"{self.file.name}:{self.line}: {self.change}"


def mutants(file: Path, module: str) -> Iterator[Mutant]:
    """The mutants of a file, in the order of its lines."""
    tree, lines = _numbered(file), file.read_text(encoding="utf-8").splitlines()
    found = []
    for node, owner in _open(tree, ""):
        for place, (change, _) in enumerate(_changes(node)):
            line = getattr(node.target if isinstance(node, ast.comprehension) else node, "lineno", 1)
            found.append(Mutant(file, module, line, _number(node) * 1_000 + place, change, lines[line - 1].strip(), owner))
    yield from sorted(found, key=lambda mutant: (mutant.line, mutant.place))


def code_of(mutant: Mutant) -> CodeType:
    """The compiled module of a mutant."""
    number, place = divmod(mutant.place, 1_000)
    tree = _numbered(mutant.file)
    _Change(number, place).visit(tree)
    return compile(ast.fix_missing_locations(tree), str(mutant.file), "exec")


class _Change(ast.NodeTransformer):
    """Puts the changed node in its place."""

    def __init__(self, number: int, place: int) -> None:
        self.number = number
        self.place = place

    def visit(self, node: ast.AST) -> ast.AST | None:
        """The node, or what it is changed into; a statement that is left out becomes `pass`."""
        if _number(node) != self.number:
            return super().generic_visit(node)
        _, make = list(_changes(node))[self.place]
        made = make(copy.copy(node)) or ast.Pass()
        return ast.copy_location(made, node)


def _numbered(file: Path) -> ast.Module:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for number, node in enumerate(ast.walk(tree)):
        setattr(node, NUMBER, number)
    return tree


def _number(node: ast.AST) -> int:
    return int(getattr(node, NUMBER, -1))


def _open(node: ast.AST, owner: str, around: str = "") -> Iterator[tuple[ast.AST, str]]:
    """The nodes that may be changed, each with the outermost function that it stands in; a name that ends with a dot is a class's.

    around: what the function itself stands in; its defaults are worked out there.
    """
    for name, value in ast.iter_fields(node):
        inside = around if isinstance(node, ast.FunctionDef) and name == "args" else owner
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_spared(node, name, child):
                continue
            within = inside
            if isinstance(child, ast.ClassDef | ast.FunctionDef) and (inside.endswith(".") or not inside):
                within = f"{inside}{child.name}" + ("." if isinstance(child, ast.ClassDef) else "")
            yield child, "" if within.endswith(".") else within
            yield from _open(child, within, inside)


def _is_spared(parent: ast.AST, name: str, child: ast.AST) -> bool:
    """Is the child no part of what the code does?"""
    if isinstance(child, ast.Import | ast.ImportFrom) or isinstance(parent, ast.Raise) or name in _FIELDS_SPARED:
        return True
    if (isinstance(parent, ast.ClassDef) and name == "keywords") or (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
        return True
    targets = child.targets if isinstance(child, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id in _NAMES_SPARED for target in targets)


def _changes(node: ast.AST) -> Iterator[tuple[str, Made]]:
    """Every change of one node: (words, what makes it)."""
    was = _short(node)
    if isinstance(node, ast.Constant):
        for words, value in _constants(node.value):
            yield words, lambda _, value=value: _with(node, value=value)  # type: ignore[misc]
    for made in _expressions(node):
        yield f"{was} -> {_short(made)}", lambda _, made=made: made  # type: ignore[misc]
    if isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Delete) or (isinstance(node, ast.If) and not node.orelse):
        yield f"{was} left out", lambda _: None
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript):
        yield f"{was} left out", lambda _: None
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield f"{was} -> return None", lambda _: ast.Return(ast.Constant(None))


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    """What an expression, a condition or a filter may become."""
    if isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.BoolOp | ast.UnaryOp | ast.BinOp):
        yield from _operated(node)
    elif isinstance(node, ast.If | ast.IfExp | ast.While | ast.comprehension):
        yield from _branched(node)
    elif isinstance(node, ast.Name | ast.Call):
        yield from _called(node)


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for i, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield _with(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])


def _operated(node: ast.BoolOp | ast.UnaryOp | ast.BinOp) -> Iterator[ast.AST]:
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif type(node.op) in ARITHMETIC:
        yield _with(node, op=ARITHMETIC[type(node.op)]())


def _branched(node: ast.If | ast.IfExp | ast.While | ast.comprehension) -> Iterator[ast.AST]:
    """The condition turned round, where no comparison in it is; a filter left out."""
    if isinstance(node, ast.comprehension):
        yield from (_with(node, ifs=[*node.ifs[:i], *node.ifs[i + 1 :]]) for i in range(len(node.ifs)))
    elif not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _called(node: ast.Name | ast.Call) -> Iterator[ast.AST]:
    """Any and all, min and max; a call whose first two arguments change places."""
    if isinstance(node, ast.Name):
        if node.id in NAMES and isinstance(node.ctx, ast.Load):
            yield _with(node, id=NAMES[node.id])
        return
    first = node.args[:2]
    if isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        return
    if len({ast.dump(arg) for arg in first}) == 2 and not any(isinstance(arg, ast.Starred) for arg in first):
        yield _with(node, args=[*reversed(first), *node.args[2:]])


def _constants(value: object) -> Iterator[tuple[str, object]]:
    """(the change in words, the other constant)."""
    others: list[object] = []
    if isinstance(value, bool):
        others = [not value]
    elif isinstance(value, int):
        others = [value + 1, value - 1]
    elif isinstance(value, str) and KEY.fullmatch(value):
        others = [f"{value}x"]
    yield from ((f"{value!r} -> {other!r}", other) for other in others)
    if isinstance(value, str) and not others:
        for was, becomes in SQL:
            for found in re.finditer(re.escape(was), value):
                before, after = value[: found.start()], value[found.end() :]
                yield f"...{before[-40:]}[{was} -> {becomes}]{after[:40]}...", before + becomes + after


def _with(node: ast.AST, **fields: object) -> ast.AST:
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _short(node: ast.AST) -> str:
    """A node as one short line."""
    text = " if ".join(["", *map(ast.unparse, node.ifs)]).strip() if isinstance(node, ast.comprehension) else ast.unparse(node)
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:157]}..."
