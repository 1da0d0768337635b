# SPDX-License-Identifier: EUPL-1.2
"""What the code must not hold: ways to run or load what came from outside, SQL put together."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "src" / "brug").rglob("*.py"))
TEMPLATES = sorted((ROOT / "src" / "brug" / "web" / "templates").rglob("*.html"))

FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "xmlrpc", "telnetlib", "imp"}
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load",
    "yaml.unsafe_load", "tempfile.mktemp", "zipfile.extractall", "tarfile.extractall",
    "xml.etree.ElementTree.parse", "xml.etree.ElementTree.fromstring", "random.random",
    "random.choice", "ssl._create_unverified_context",
}  # fmt: skip
EXECUTES = {"execute", "executemany", "one", "all", "value", "copy", "stream"}


def name_of(node: ast.expr) -> str:
    """`a.b.c` as it is written; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = name_of(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return ""


def dangers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names]
            names = [node.module or "", *named] if isinstance(node, ast.ImportFrom) else named
            for name in names:
                if name.partition(".")[0] in FORBIDDEN_MODULES:
                    yield f"line {node.lineno}: imports {name}"
        elif isinstance(node, ast.Call):
            yield from in_call(node)


def in_call(node: ast.Call) -> Iterator[str]:
    name = name_of(node.func)
    if name in FORBIDDEN_CALLS or name.endswith(".extractall"):
        yield f"line {node.lineno}: calls {name}"
    for keyword in node.keywords:
        constant = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if (keyword.arg, constant) in {("shell", True), ("verify", False), ("autoescape", False)}:
            yield f"line {node.lineno}: {keyword.arg}={constant!r}"
    if isinstance(node.func, ast.Attribute) and node.func.attr in EXECUTES and node.args:
        first = node.args[0]
        formatted = isinstance(first, ast.JoinedStr) or (
            isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mod)
        )
        text_format = isinstance(first, ast.Call) and (
            isinstance(first.func, ast.Attribute)
            and first.func.attr == "format"
            and isinstance(first.func.value, ast.Constant)
        )
        if formatted or text_format:
            yield f"line {node.lineno}: formatted SQL"


def found_in(files: list[Path], look: Callable[[str], Iterable[object]]) -> dict[str, list[object]]:
    """What is found in each file, by its path; thousands of tests of one file take longer."""
    found = {str(path.relative_to(ROOT)): list(look(path.read_text("utf-8"))) for path in files}
    assert len(found) > 100
    return {path: several for path, several in found.items() if several}


def test_nothing_from_outside_is_run_or_put_into_sql() -> None:
    assert found_in(FILES, lambda text: dangers(ast.parse(text))) == {}


def test_the_walk_finds_what_it_looks_for() -> None:
    for text in (
        "import pickle", "from marshal import loads", "eval('1')",
        "subprocess.run('x', shell=True)",
        "session.execute(f'SELECT {x}')", "session.one('SELECT %s' % x)",
        "session.all('SELECT {}'.format(x))", "archive.extractall()", "import yaml\nyaml.load(x)",
        "httpx.Client(verify=False)",
    ):  # fmt: skip
        assert list(dangers(ast.parse(text))), text


def test_a_source_file_names_its_licence_and_no_place_of_this_machine() -> None:
    licence = "# SPDX-License-Identifier: EUPL-1.2\n"
    assert found_in(FILES, lambda text: [] if text.startswith(licence) else [text[:50]]) == {}
    places = re.compile(r"[\"'](?:/home|/root|/work|/Users|/opt|/srv)/")
    assert found_in(FILES, places.findall) == {}


def test_a_template_lets_no_text_through_unescaped() -> None:
    lets = re.compile(
        r"\|\s*safe\b|autoescape\s+false|Markup\("
        r"|\son[a-z]+\s*=\s*[\"']|<script(?![^>]*\bsrc=)|\sstyle\s*="
    )
    assert found_in(TEMPLATES, lets.findall) == {}
