"""The committed notebooks: executed, in step in both languages, and giving the same outputs again (nbval)."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
FOUND = sorted(path for language in ("en", "zh") for path in (NOTEBOOKS / language).glob("*.ipynb"))
NAMES = sorted({path.name for path in FOUND})
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
CODE = re.compile(r"<code[^>]*>.*?</code>", re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")
PICTURES = re.compile(r"\b(draw|explore|descend|secant)\(")


def label(path):
    return f"{path.parent.name}/{path.stem}"


def cells(path, kind):
    found = nbformat.read(path, as_version=4).cells
    return [cell for cell in found if cell.cell_type == kind and cell.id != "colab-and-kaggle"]


def texts(cell):
    """Everything that the outputs of a cell show as text."""
    for output in cell.outputs:
        yield output.get("text", "")
        yield from (content for content in output.get("data", {}).values() if isinstance(content, str))


def test_nbval_takes_part_in_every_run_and_finds_every_notebook(pytestconfig):
    assert pytestconfig.getoption("nbval") and pytestconfig.getini("testpaths") == ["tests", "notebooks"]
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "notebooks"]
    found = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True, encoding="utf-8").stdout
    assert {line.partition("::")[0] for line in found.splitlines() if "::" in line} == {
        path.relative_to(ROOT).as_posix() for path in FOUND
    }


def test_every_source_has_a_notebook_in_each_language_and_no_notebook_is_without_source():
    sources = {path.stem for path in (NOTEBOOKS / "source").glob("[0-9][0-9]_*.py")}
    assert sources
    for language in ("en", "zh"):
        assert {path.stem for path in (NOTEBOOKS / language).glob("*.ipynb")} == sources


def test_no_notebook_is_stale():
    command = [sys.executable, "notebooks/build.py", "--check"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


class _WithoutWords(ast.NodeTransformer):
    """Blanks every string, docstrings included."""

    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant("" if isinstance(node.value, str) else node.value), node)


def code_of(path):
    return [ast.dump(_WithoutWords().visit(ast.parse(cell.source))) for cell in cells(path, "code")]


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_code_and_as_much_prose(name):
    english, chinese = (NOTEBOOKS / language / name for language in ("en", "zh"))
    assert code_of(english) == code_of(chinese)
    assert len(cells(english, "markdown")) == len(cells(chinese, "markdown"))
    ids = [[cell.id for cell in nbformat.read(path, as_version=4).cells] for path in (english, chinese)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("path", FOUND, ids=label)
def test_a_notebook_is_committed_as_run_once_from_top_to_bottom_without_an_error(path):
    code = cells(path, "code")
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert [output.output_type for cell in code for output in cell.outputs if output.output_type == "error"] == []
    assert [output.text for cell in code for output in cell.outputs if output.get("name") == "stderr"] == []


def last_line(source):
    """The last statement of a cell, the one whose value is shown."""
    return ast.unparse(ast.parse(source).body[-1])


@pytest.mark.parametrize("path", FOUND, ids=label)
def test_a_notebook_holds_pictures_and_no_widget_that_needs_a_kernel(path):
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    kinds = {cell.source: {mime for o in cell.outputs for mime in o.get("data", {})} for cell in cells(path, "code")}
    assert [source for source, mimes in kinds.items() if any("widget" in mime for mime in mimes)] == []
    drawing = [source for source in kinds if PICTURES.search(last_line(source))]
    assert drawing
    assert [source for source in drawing if "image/svg+xml" not in kinds[source]] == []


@pytest.mark.parametrize("path", FOUND, ids=label)
def test_the_set_up_cell_is_short(path):
    first = cells(path, "code")[0]
    assert "language.use(" in first.source
    assert len(ast.parse(first.source).body) <= 5


@pytest.mark.parametrize("path", [path for path in FOUND if path.parent.name == "en"], ids=label)
def test_a_reader_of_english_meets_no_chinese(path):
    shown = [cell.source for cell in cells(path, "markdown")]
    shown += [text for cell in cells(path, "code") for text in texts(cell)]
    assert [text for text in shown if CHINESE.search(text)] == []


@pytest.mark.parametrize("path", [path for path in FOUND if path.parent.name == "zh"], ids=label)
def test_chinese_prose_leaves_no_space_beside_a_character(path):
    prose = "\n".join(re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL) for cell in cells(path, "markdown"))
    spaced = re.findall(
        r".{0,12}[\u4e00-\u9fff，。；：] +[A-Za-z0-9`$].{0,12}|.{0,12}[A-Za-z0-9`$] +[\u4e00-\u9fff].{0,12}", prose
    )
    assert [
        text
        for text in spaced
        if not text.lstrip().startswith(("#", "|", "-")) and " · " not in text and "|" not in text
    ] == []


@pytest.mark.parametrize("path", [path for path in FOUND if path.parent.name == "zh"], ids=label)
def test_every_prose_cell_of_a_chinese_notebook_is_chinese(path):
    assert [cell.source for cell in cells(path, "markdown") if not CHINESE.search(cell.source)] == []


@pytest.mark.parametrize("path", FOUND, ids=label)
def test_every_emphasis_is_shown_as_one_and_no_star_is_left(path):
    markdown = MarkdownIt("commonmark").enable("table")
    shown = [CODE.sub("", markdown.render(FORMULA.sub("F", cell.source))) for cell in cells(path, "markdown")]
    assert [line for page in shown for line in page.splitlines() if "*" in line] == []


@pytest.mark.parametrize("path", FOUND, ids=label)
def test_a_link_to_another_lesson_leads_to_one(path):
    links = [link for cell in cells(path, "markdown") for link in LINK.findall(cell.source)]
    near = [link.partition("#")[0] for link in links if "://" not in link]
    assert [link for link in near if not (path.parent / link).is_file()] == []


@pytest.mark.parametrize("path", FOUND, ids=label)
def test_no_line_of_code_is_cut_off_where_the_page_is_1100_px_wide(path):
    lines = [line for cell in cells(path, "code") for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 116] == []


@pytest.mark.parametrize("path", FOUND, ids=label)
def test_no_code_cell_has_more_than_15_lines_of_code(path):
    written = [[line for line in cell.source.splitlines() if line.strip()] for cell in cells(path, "code")]
    assert [lines for lines in written if len(lines) > 15] == []


WIDGETS = ("explore", "descend", "secant", "watch")  # they run a learner's function again after later cells


def names_bound(tree):
    """The names that a cell binds outside of functions, classes and comprehensions."""
    found, waiting = set(), [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            waiting += ast.iter_child_nodes(node)
    return found


def names_read(function, functions):
    """The names that a function, or one of `functions` (dict) that it calls, looks up outside itself when it runs."""
    found, waiting = set(), [function]
    while waiting:
        nodes = list(ast.walk(waiting.pop()))
        stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        own = stored | {node.arg for node in nodes if isinstance(node, ast.arg)}
        new = {node.id for node in nodes if isinstance(node, ast.Name)} - own - found
        found |= new
        waiting += [functions[name] for name in new & set(functions)]
    return found


@pytest.mark.parametrize("path", [path for path in FOUND if path.parent.name == "en"], ids=label)
def test_a_widget_reads_nothing_that_a_cell_below_binds_to_something_else(path):
    trees = [ast.parse(cell.source) for cell in cells(path, "code")]
    functions, faults = {}, []
    for number, tree in enumerate(trees):
        functions |= {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) in WIDGETS]
        for call in calls:
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            run_again = [functions.get(ast.unparse(each), each) for each in given]
            bound = set().union(*map(names_bound, trees[number + 1 :]))
            for f in run_again:
                if isinstance(f, ast.FunctionDef | ast.Lambda):
                    faults += [(ast.unparse(call), name) for name in names_read(f, functions) & bound]
    assert faults == []
