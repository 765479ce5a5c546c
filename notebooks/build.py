"""Build the notebooks that learners open from the sources that maintainers edit.

`python notebooks/build.py` executes every lesson in both languages; `build.py 02` only those whose name begins so;
`build.py --check` executes nothing and fails when a committed notebook is not what its source gives.

A source is in jupytext's percent format: each code cell once, each prose cell as an adjacent pair of
`# %% [markdown] lang="en"` and `lang="zh"`. A cell tagged `solution` is executed, so that it is proved, and becomes, with
the prose tagged `solution` behind it, one folded cell. The output of a cell tagged `measured`, e.g. a time, is another one at
every run: as long as no code of the lesson changes, the committed one stays. What answers a `predict(...)` is hidden until
the learner runs it or opens it: the outputs between the prediction and the next prose, and that prose up to its first
heading. Cells further down that give the answer away are tagged `answer`.

A comment in code that is written in both languages, `# English | 中文`, keeps the half of its notebook's language. In
prose the punctuation behind a formula moves into the formula, so that no line begins with it.
"""

import argparse
import ast
import hashlib
import os
import re
import sys
import tempfile
import tomllib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from seeing_gradients.language import localize_comments

HERE = Path(__file__).resolve().parent
LANGUAGES = ("en", "zh")
TAGS = {"solution", "answer", "nbval-ignore-output", "measured"}
SECONDS_A_CELL = 120
WIDGET = "application/vnd.jupyter.widget-view+json"
SET_UP = re.compile(r'^language\.use\("\w*"\)$', re.MULTILINE)
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+?\$", re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
# Code and displayed formulas stay as they are; of an inline formula, what it says and the signs behind it.
BEFORE_SIGN = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$([^$\n]+)\$([，。；：、？！）,.;:?!)]+)?", re.DOTALL)
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
WORDS = {"en": ("Solution", "It gives", "After your answer"), "zh": ("参考答案", "运行结果", "作答之后再看")}
PREDICTION = re.compile(r"^predict\(", re.MULTILINE)
SECTION = re.compile(r"^## ", re.MULTILINE)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="


HOSTED = "colab-and-kaggle"  # the id of the cell that stands before the set-up cell and is collapsed
# By language: the title that Colab shows, and JupyterLab in place of the cell, short enough for a narrow page; what else the
# reader of the code is told; what the cell says at work, and what it says in a copy without an address.
HOSTED_WORDS = {
    "en": (
        "Install on Colab or Kaggle",
        "Anywhere else this cell does nothing.",
        "Installing the course from {address}: about a minute.",
        "This copy of the course does not know its own address (pyproject.toml, repository), so it cannot be installed here.",
    ),
    "zh": (
        "在Colab或Kaggle上安装课程",
        "在其他地方，这个单元格什么也不做。",
        "正在从{address}安装课程，大约需要一分钟。",
        "这份课程没有写明自己的地址（pyproject.toml中的repository），无法在这里安装。",
    ),
}
HOSTED_CODE = """# @title {title}
# {elsewhere}
def install_on_colab_and_kaggle(address={address!r}, folder="/tmp/seeing-gradients"):
    import os
    import subprocess
    import sys

    if {{"COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE"}}.isdisjoint(os.environ):
        return
    if not address:
        return print({unknown!r})
    if not os.path.isdir(folder):
        print({working!r})
        subprocess.run(["git", "clone", "--quiet", "--depth=1", address, folder], check=True)
    sys.path[:0] = [folder, f"{{folder}}/src"]
    from helpers import language
    from seeing_gradients.course.hosted import install

    language.use({language!r})
    install()


install_on_colab_and_kaggle()"""


class SourceError(Exception):
    """A source that cannot be built; the message begins with file and line."""


@dataclass(frozen=True)
class Cell:
    """One cell of a source.

    Attributes:
        line: int, where it begins in the source.
        kind: "code" or "markdown".
        text: dict from language to source text; the two are the same for code but for the set-up line and comments.
        tags: tuple of str.
        id: str, derived from the content, the same in both languages.
    """

    line: int
    kind: str
    text: dict
    tags: tuple
    id: str


def read(path):
    """Return the list of Cell of a source file.

    Raises:
        SourceError: a missing twin, twins that differ in heading, formula or fenced code, Chinese in an English cell,
            an unknown tag, no set-up line.
    """
    lines = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if line.startswith("# %%")]
    raw = list(zip(lines, jupytext.read(path, fmt="py:percent").cells, strict=True))
    cells, seen = [], Counter()
    while raw:
        line, cell = raw.pop(0)
        where = f"{path.name}:{line}"
        tags = tuple(cell.metadata.get("tags", ()))
        if unknown := set(tags) - TAGS:
            raise SourceError(f"{where}: unknown tag {', '.join(sorted(unknown))}; known: {', '.join(sorted(TAGS))}")
        if cell.cell_type == "code":
            text = {lang: _code(cell.source, lang) for lang in LANGUAGES}
        else:
            twin = raw.pop(0)[1] if raw else None
            text = _twins(where, cell, twin)
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cells.append(Cell(line, cell.cell_type, text, tags, f"{digest}-{seen[digest]}"))
    if sum(len(SET_UP.findall(c.text["en"])) for c in cells if c.kind == "code") != 1:
        raise SourceError(f'{path.name}:1: there must be exactly one line language.use("en")')
    return cells


def _code(source, language):
    """The code of a cell with the set-up line and the comments of one language."""
    text = SET_UP.sub(f'language.use("{language}")', source)
    return localize_comments(text, language)


def _with_signs_inside(prose):
    """Prose whose formulas hold the punctuation behind them: a browser may break a line after a formula.

    Between a formula and a code span comes a space of no width: JupyterLab takes a dollar and a backtick side by side for
    the beginning of a formula, and shows the backticks.
    """

    def moved(match):
        if match[1] is None:
            return match[0]
        sign = rf"\text{{{match[2]}}}" if match[2] else ""
        return f"${match[1]}{sign}$" + "\u200b" * prose.startswith("`", match.end())

    return BEFORE_SIGN.sub(moved, prose)


def _twins(where, english, chinese):
    """The text of a prose cell in both languages."""
    if english.metadata.get("lang") != "en":
        raise SourceError(
            f'{where}: a prose cell must say lang="en" or follow its twin, this one says {english.metadata}'
        )
    if chinese is None or chinese.cell_type != "markdown" or chinese.metadata.get("lang") != "zh":
        raise SourceError(f'{where}: the next cell must be its twin, # %% [markdown] lang="zh"')
    for what, pattern in (("heading levels", HEADING), ("formulas", FORMULA), ("fenced code", FENCED)):
        one, other = (Counter(pattern.findall(cell.source)) for cell in (english, chinese))
        if one != other:
            differing = ", ".join([*(one - other), *(other - one)])
            raise SourceError(f"{where}: the {what} of the twins differ: {differing}")
    if found := CHINESE.search(english.source):
        raise SourceError(f"{where}: the English cell holds {found.group()!r}")
    return {"en": _with_signs_inside(english.source), "zh": _with_signs_inside(chinese.source)}


def notebook(cells, language):
    """Return the notebook of a source in one language, not yet executed, solutions as ordinary cells."""
    made = []
    for cell in cells:
        new = new_code_cell if cell.kind == "code" else new_markdown_cell
        made.append(new(cell.text[language], id=cell.id, metadata={"tags": list(cell.tags)} if cell.tags else {}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=made, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def execute(made, folder):
    """Run a notebook top to bottom in a fresh kernel, with no progress recorded so far, and clean its outputs."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["SEEING_GRADIENTS_PROGRESS"] = str(Path(scratch) / "progress.json")
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(made, timeout=SECONDS_A_CELL, kernel_name="python3", resources=resources).execute()
    return clean(made)


def clean(made):
    """Take out what differs from run to run: times, addresses, and widget views, which only a live kernel can show."""
    made.metadata.pop("widgets", None)
    made.metadata["language_info"] = {"name": "python"}
    for cell in made.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _merged([_clean_output(output) for output in cell.outputs])
    return made


def _clean_output(output):
    if "data" in output:
        output.data.pop(WIDGET, None)
        output.data = {mime: _without_addresses(content) for mime, content in output.data.items()}
    if "text" in output:
        output.text = _without_addresses(output.text)
    return output


def _without_addresses(content):
    return re.sub(r"\b0x[0-9a-fA-F]{6,}\b", "0x...", content) if isinstance(content, str) else content


def _merged(outputs):
    """Streams arrive in pieces whose number varies."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == "stream" == last.output_type and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def fold(made, language):
    """Turn each solution, code with its output and the prose behind it, into one folded prose cell; hide answers."""
    cells, folding = [], None
    for cell in made.cells:
        if "solution" not in cell.metadata.get("tags", ()):
            folding = None
            cells.append(cell)
        elif cell.cell_type == "code" or folding is None:
            folding = new_markdown_cell(_folded(cell, language), id=cell.id, metadata={"tags": ["solution"]})
            cells.append(folding)
        else:
            folding.source = folding.source.replace("\n\n</details>", f"\n\n{cell.source}\n\n</details>")
    made.cells = cells
    for number, cell in enumerate((c for c in cells if c.cell_type == "code"), 1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
    return hide_answers(made, language)


def add_hosted_cell(made, language):
    """Put the cell for Colab and Kaggle before the set-up cell; it is not executed here, where it does nothing."""
    settings = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    address = settings.get("seeing-gradients", {}).get("repository", "")
    title, elsewhere, working, unknown = HOSTED_WORDS[language]
    code = HOSTED_CODE.format(
        title=title,
        elsewhere=elsewhere,
        address=address,
        unknown=unknown,
        working=working.format(address=address),
        language=language,
    )
    # Hidden in JupyterLab, in Colab, and on the site.
    metadata = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
    place = next(number for number, cell in enumerate(made.cells) if cell.cell_type == "code")
    made.cells.insert(place, new_code_cell(code, id=HOSTED, metadata=metadata))
    return made


def hide_answers(made, language):
    """Hide what answers a prediction: outputs in JupyterLab until their cell is run, prose in a fold."""
    asked = answered = False  # a prediction was asked; a cell that shows something has answered it
    for cell in made.cells:
        tagged = "answer" in cell.metadata.get("tags", ())
        if cell.cell_type == "code":
            if PREDICTION.search(cell.source):
                asked, answered = True, False
            elif tagged or asked and _shows(cell.source):
                cell.metadata["jupyter"] = {"outputs_hidden": True}
                cell.outputs = [_nothing(), *cell.outputs] if cell.outputs else []
                answered = answered or asked
        elif tagged or answered:
            cell.source = _hidden_prose(cell.source, language)
            asked = answered = False
        elif SECTION.search(cell.source):
            asked = False
    return made


def _nothing():
    """A transparent picture of one pixel. JupyterLab shows the first line of the first output in place of those it hides."""
    return new_output("display_data", data={"image/png": PIXEL})


def _shows(code):
    """Whether a cell can have an output: its last statement is no definition, import or assignment."""
    silent = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Assign
    return not isinstance(ast.parse(code).body[-1], silent)


def _hidden_prose(text, language):
    """A prose cell whose text before the first heading is folded."""
    heading = SECTION.search(text)
    end = heading.start() if heading else len(text)
    hidden, rest = text[:end].strip(), text[end:]
    if not hidden:
        return text
    fold = f"<details>\n<summary><b>{WORDS[language][2]}</b></summary>\n\n{hidden}\n\n</details>"
    return f"{fold}\n\n{rest}" if rest else fold


def _folded(cell, language):
    title, gives, _ = WORDS[language]
    body = cell.source
    if cell.cell_type == "code":
        texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        shown = "\n".join(text.rstrip() for text in texts if text)
        body = f"```python\n{cell.source}\n```"
        body += f"\n\n{gives}\n\n```text\n{shown}\n```" if shown else ""
    return f"<details>\n<summary><b>{title}</b></summary>\n\n{body}\n\n</details>"


def build(source, language, root=HERE):
    """Execute one lesson in one language and write it; return its path."""
    target = root / language / f"{source.stem}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    made = add_hosted_cell(fold(execute(notebook(read(source), language), target.parent), language), language)
    keep_measured(made, target)
    refuse_paths(made, target)
    nbformat.validate(made)
    temporary = target.with_suffix(".tmp")
    temporary.write_text(nbformat.writes(made) + "\n", encoding="utf-8", newline="\n")
    os.replace(temporary, target)
    return target


def keep_measured(made, target):
    """Give the cells tagged `measured` the outputs that they have in the file, if that holds the same code throughout."""
    before = nbformat.read(target, as_version=4).cells if target.exists() else []
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    old = [cell for cell in before if cell.cell_type == "code"]
    if [cell.source for cell in code] == [cell.source for cell in old]:
        for cell, known in zip(code, old, strict=True):
            if "measured" in cell.metadata.get("tags", ()):
                cell.outputs = known.outputs


def refuse_paths(made, target):
    """Raise SourceError where an output names a folder of the machine that built it."""
    for cell in made.cells:
        for folder in (str(HERE.parent), str(Path.home()), tempfile.gettempdir()):
            if (
                cell.cell_type == "code"
                and len(folder) > 1
                and re.search(rf"{re.escape(folder)}[/\\]", str(cell.outputs))
            ):
                raise SourceError(
                    f"{target.name}: an output of the cell {cell.source[:60]!r} names the folder {folder}"
                )


def stale(source, language, root=HERE):
    """Return what differs between a committed notebook and its source, as text, or None."""
    target = root / language / f"{source.stem}.ipynb"
    if not target.exists():
        return f"{target.name} ({language}) is missing"
    wanted = add_hosted_cell(fold(clean(notebook(read(source), language)), language), language).cells
    found = nbformat.read(target, as_version=4).cells
    for number, (want, have) in enumerate(zip(wanted, found, strict=False), 1):
        same = want.id == have.id and want.cell_type == have.cell_type and _plain(want) == _plain(have)
        if not same or want.metadata != have.metadata:
            return f"{target.name} ({language}), cell {number}: {have.source[:60]!r} is not what the source gives"
    return (
        None if len(wanted) == len(found) else f"{target.name} ({language}) has {len(found)} cells, not {len(wanted)}"
    )


def _plain(cell):
    """The source of a cell; of a folded solution without the output that it shows."""
    return re.sub(r"\n\n[^\n]*\n\n```text\n.*?\n```", "", cell.source, flags=re.DOTALL)


def sources(names=(), root=HERE):
    """The sources whose name begins with one of names; all without names."""
    found = sorted((root / "source").glob("[0-9][0-9]_*.py"))
    return [path for path in found if not names or path.stem.startswith(tuple(names))]


def main(arguments=None):
    """Build or check; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="beginnings of lesson names, such as 02; all lessons without")
    parser.add_argument("--check", action="store_true", help="execute nothing, fail when a notebook is stale")
    options = parser.parse_args(arguments)
    jobs = [(source, language) for source in sources(options.names) for language in LANGUAGES]
    if not jobs:
        parser.error(f"no source begins with {', '.join(options.names)}")
    try:
        return _check(jobs) if options.check else _build(jobs)
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1


def _check(jobs):
    found = [problem for source, language in jobs if (problem := stale(source, language))]
    print("\n".join([*found, "run: make notebooks"] if found else ["every notebook is what its source gives"]))
    return 1 if found else 0


def _build(jobs):
    with ProcessPoolExecutor(max_workers=2) as pool:
        for path in pool.map(build, *zip(*jobs, strict=True)):
            print(path.relative_to(HERE.parent), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
