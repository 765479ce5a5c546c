"""The notebook build on small sources of its own."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from seeing_gradients.course import hosted

ROOT = Path(__file__).resolve().parents[1]
_spec = importlib.util.spec_from_file_location("build", ROOT / "notebooks" / "build.py")
build = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(build)

SET_UP = '# %%\nfrom helpers import language\n\nlanguage.use("en")\n'
PROSE = '# %% [markdown] lang="en"\nr"""\n# Two\n\nTwice $x$.\n"""\n\n# %% [markdown] lang="zh"\nr"""\n# 二\n\n$x$的两倍。\n"""\n'
CODE = "# %%\nx = object()\nprint(x)\n2 * 21\n"
SOLUTION = (
    '# %% tags=["solution"]\n6 * 7\n\n# %% [markdown] lang="en" tags=["solution"]\nr"""\nSix.\n"""\n\n'
    '# %% [markdown] lang="zh" tags=["solution"]\nr"""\n六。\n"""\n'
)


@pytest.fixture
def source(tmp_path):
    """A function that writes a source and returns its path."""

    def write(*parts):
        path = tmp_path / "source" / "07_small.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(parts), encoding="utf-8")
        return path

    return write


def swap(old, new):
    return PROSE.replace(old, new)


@pytest.mark.parametrize(
    ("prose", "words"),
    [
        (swap('lang="zh"', 'lang="en"'), "must be its twin"),
        (swap('[markdown] lang="en"', "[markdown]"), 'must say lang="en"'),
        (PROSE.split('# %% [markdown] lang="zh"')[0], "must be its twin"),
        (swap("# 二", "## 二"), "heading levels"),
        (swap("$x$的", "$y$的"), "formulas"),
        (swap("Twice", "Twice 二"), "holds '二'"),
    ],
)
def test_twins_that_do_not_match_are_refused_with_file_and_line(source, prose, words):
    with pytest.raises(build.SourceError, match=rf"07_small\.py:6: .*{words}"):
        build.read(source(SET_UP, prose, CODE))


def test_an_unknown_tag_is_refused(source):
    with pytest.raises(
        build.SourceError, match="unknown tag solutoin; known: answer, measured, nbval-ignore-output, solution"
    ):
        build.read(source(SET_UP, SOLUTION.replace("solution", "solutoin")))


def test_the_first_output_of_a_hidden_cell_says_nothing_since_jupyterlab_shows_its_first_line(built_once, tmp_path):
    shutil.copytree(built_once, tmp_path, dirs_exist_ok=True)
    notebook = nbformat.read(tmp_path / "en" / "07_small.ipynb", as_version=4)
    ran = notebook.cells[3]
    asked = nbformat.v4.new_code_cell('predict("07.p1")')
    notebook.cells = [notebook.cells[1], asked, ran]
    first, *others = build.hide_answers(notebook, "en").cells[2].outputs
    assert first.data == {"image/png": build.PIXEL} and len(others) == 2


@pytest.mark.parametrize("parts", [(CODE,), (SET_UP, SET_UP)])
def test_the_set_up_line_stands_exactly_once(source, parts):
    with pytest.raises(build.SourceError, match="exactly one line"):
        build.read(source(*parts))


def test_ids_come_from_the_content_and_are_the_same_in_both_languages(source):
    first = build.read(source(SET_UP, PROSE, CODE, CODE))
    english, chinese = (build.notebook(first, language).cells for language in ("en", "zh"))
    assert [cell.id for cell in english] == [cell.id for cell in chinese]
    assert len({cell.id for cell in english}) == 4
    moved = build.read(source(SET_UP, CODE, PROSE, CODE))
    assert {cell.id for cell in moved} == {cell.id for cell in first}


def test_the_set_up_line_names_the_language(source):
    cells = build.read(source(SET_UP))
    assert 'language.use("zh")' in build.notebook(cells, "zh").cells[0].source


@pytest.fixture(scope="module")
def built_once(tmp_path_factory):
    root = tmp_path_factory.mktemp("built")
    where = "# %%\nimport os\nos.environ.get('SEEING_GRADIENTS_PROGRESS') is None\n"
    path = root / "source" / "07_small.py"
    path.parent.mkdir()
    path.write_text(f"{SET_UP}\n{PROSE}\n{CODE}\n{SOLUTION}\n{where}", encoding="utf-8")
    for language in ("en", "zh"):
        build.build(path, language, root)
    return root


@pytest.fixture
def built(built_once, tmp_path):
    """A source and its two notebooks, free to change."""
    shutil.copytree(built_once, tmp_path, dirs_exist_ok=True)
    targets = {language: tmp_path / language / "07_small.ipynb" for language in ("en", "zh")}
    return tmp_path / "source" / "07_small.py", targets


def test_a_rebuild_without_a_change_gives_the_same_bytes(built, tmp_path):
    path, targets = built
    before = {language: target.read_bytes() for language, target in targets.items()}
    assert {language: build.build(path, language, tmp_path).read_bytes() for language in targets} == before


def test_what_was_measured_stays_as_long_as_no_code_of_the_lesson_changes(built, tmp_path):
    path, _ = built
    clock = '\n\n# %% tags=["measured"]\nimport time\ntime.time_ns()\n'
    path.write_text(path.read_text(encoding="utf-8") + clock, encoding="utf-8")
    first = build.build(path, "en", tmp_path).read_bytes()
    assert build.build(path, "en", tmp_path).read_bytes() == first
    path.write_text(path.read_text(encoding="utf-8") + "\n# %%\n1 + 1\n", encoding="utf-8")
    later = build.build(path, "en", tmp_path).read_bytes()
    taken = [nbformat.reads(text.decode(), as_version=4).cells for text in (first, later)]
    assert taken[0][-1].source == taken[1][-2].source and taken[0][-1].outputs != taken[1][-2].outputs


def test_a_notebook_is_executed_and_holds_no_address(built):
    cells = nbformat.read(built[1]["en"], as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code" and cell.id != build.HOSTED]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert code[1].outputs[0].text == "<object object at 0x...>\n"
    assert code[1].outputs[1].data["text/plain"] == "42"
    assert code[2].outputs[0].data["text/plain"] == "False"  # a progress file of its own


def test_a_solution_is_proved_and_folded_with_its_output_and_prose(built):
    for language, (title, word) in {"en": ("Solution", "Six."), "zh": ("参考答案", "六。")}.items():
        folded = nbformat.read(built[1][language], as_version=4).cells[4]
        assert folded.cell_type == "markdown" and folded.source.startswith("<details>")
        assert title in folded.source and word in folded.source
        assert "```python\n6 * 7\n```" in folded.source and "```text\n42\n```" in folded.source


ASKED = '# %%\npredict("07.p1")\n'
ANSWERED = (
    '# %% [markdown] lang="en"\nr"""\nIt is $42$.\n\n## Next\n\nMore.\n"""\n\n'
    '# %% [markdown] lang="zh"\nr"""\n是$42$。\n\n## 下一节\n\n还有。\n"""\n'
)


def folded_cells(path, language="en"):
    return build.fold(build.clean(build.notebook(build.read(path), language)), language).cells


@pytest.mark.parametrize(("language", "word"), [("en", "After your answer"), ("zh", "作答之后再看")])
def test_what_answers_a_prediction_is_hidden_and_what_follows_is_not(source, language, word):
    define = "# %%\ndef f(x):\n    return x\n"
    cells = folded_cells(source(SET_UP, ASKED, define, CODE, ANSWERED, CODE), language)
    hidden = [cell.metadata.get("jupyter", {}).get("outputs_hidden", False) for cell in cells]
    assert hidden == [False, False, False, True, False, False]
    fold, _, rest = cells[4].source.partition("</details>")
    assert fold.startswith("<details>") and word in fold and "$42" in fold and rest.strip().startswith("## ")


def test_prose_between_a_prediction_and_the_first_output_stays_open(source):
    cells = folded_cells(source(SET_UP, ASKED, PROSE.replace("# Two\n\n", "").replace("# 二\n\n", ""), CODE))
    assert "<details>" not in cells[2].source
    assert cells[3].metadata["jupyter"] == {"outputs_hidden": True}


def test_a_cell_tagged_answer_is_hidden_wherever_it_stands(source):
    tagged = CODE.replace("# %%", '# %% tags=["answer"]')
    answer = ANSWERED.replace('lang="en"', 'lang="en" tags=["answer"]').replace(
        'lang="zh"', 'lang="zh" tags=["answer"]'
    )
    cells = folded_cells(source(SET_UP, CODE, tagged, answer))
    assert "jupyter" not in cells[1].metadata
    assert cells[2].metadata["jupyter"] == {"outputs_hidden": True}
    assert cells[3].source.startswith("<details>")


def test_check_is_content_with_what_build_wrote_and_names_a_cell_that_was_edited(built, tmp_path):
    path, targets = built
    assert build.stale(path, "en", tmp_path) is None and build.stale(path, "zh", tmp_path) is None
    notebook = nbformat.read(targets["zh"], as_version=4)
    notebook.cells[2].source += "\n# edited by hand"
    nbformat.write(notebook, targets["zh"])
    assert "(zh), cell 3" in build.stale(path, "zh", tmp_path)
    targets["en"].unlink()
    assert "missing" in build.stale(path, "en", tmp_path)


def test_check_notices_a_source_that_was_changed(built, tmp_path):
    path, _ = built
    path.write_text(path.read_text(encoding="utf-8").replace("六", "陆"), encoding="utf-8")
    assert build.stale(path, "en", tmp_path) is None
    assert "(zh), cell 5" in build.stale(path, "zh", tmp_path)


def hosted_cell(path):
    (cell,) = [cell for cell in nbformat.read(path, as_version=4).cells if cell.id == build.HOSTED]
    return cell


def run_cell(code):
    exec(code, {})  # noqa: S102, as a kernel does


def test_before_the_set_up_cell_stands_a_collapsed_one_that_does_nothing_here(built, monkeypatch, capsys):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    for path in built[1].values():
        assert nbformat.read(path, as_version=4).cells[0] == hosted_cell(path)
        assert hosted_cell(path).metadata["jupyter"] == {"source_hidden": True}
        before = list(sys.path)
        run_cell(hosted_cell(path).source)
        assert sys.path == before and capsys.readouterr().out == ""


def test_on_colab_that_cell_says_that_this_copy_has_no_address(built, monkeypatch, capsys):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    code = build.HOSTED_CODE.format(title="", elsewhere="", address="", unknown="unknown", working="", language="en")
    run_cell(code)
    assert capsys.readouterr().out == "unknown\n"


@pytest.mark.parametrize("variable", ["COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE"])
def test_on_colab_and_kaggle_that_cell_copies_the_course_and_installs_what_is_missing(variable, monkeypatch, tmp_path):
    calls = []
    monkeypatch.setenv(variable, "release")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("subprocess.run", lambda command, check: calls.append(command))
    monkeypatch.setattr(hosted, "install", lambda: calls.append("install"))
    code = build.HOSTED_CODE.format(
        title="", elsewhere="", address="https://github.com/a/b", unknown="", working="", language="zh"
    )
    run_cell(code.replace("/tmp/seeing-gradients", str(tmp_path / "copy")))
    clone, installed = calls
    assert clone[-2:] == ["https://github.com/a/b", str(tmp_path / "copy")] and installed == "install"
    assert sys.path[:2] == [str(tmp_path / "copy"), str(tmp_path / "copy/src")]


def test_what_is_missing_there_is_installed_and_what_is_there_stays(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(hosted.subprocess, "run", lambda command, check: calls.append(command))
    hosted.install()
    assert calls == [] and "Everything" in capsys.readouterr().out
    monkeypatch.setattr(hosted, "_is_installed", lambda name: name not in ("anywidget", "resvg-py"))
    hosted.install()
    assert [re.split("[<>=]", part)[0] for part in calls[0][5:]] == ["anywidget", "resvg-py"]
    assert "anywidget, resvg-py" in capsys.readouterr().out


def test_a_lesson_that_raises_is_not_written(source, tmp_path):
    with pytest.raises(Exception, match="ZeroDivisionError"):
        build.build(source(SET_UP, "# %%\n1 / 0\n"), "en", tmp_path)
    assert not (tmp_path / "en" / "07_small.ipynb").exists()


def test_an_output_that_names_a_folder_of_this_machine_is_refused(source, tmp_path):
    here = f"# %%\nprint({str(ROOT / 'notebooks')!r})\n"
    with pytest.raises(build.SourceError, match="names the folder"):
        build.build(source(SET_UP, here), "en", tmp_path)


def test_every_source_of_the_course_can_be_read():
    assert build.sources()
    for path in build.sources():
        assert build.read(path)


def test_a_comment_in_both_languages_keeps_the_half_of_its_notebook(source):
    code = "# %%\nx = 1 | 2  # a union | 并集\nprint('# a | b')\n"
    cell = build.read(source(SET_UP, code))[-1]
    assert cell.text["en"] == "x = 1 | 2  # a union\nprint('# a | b')"
    assert cell.text["zh"] == "x = 1 | 2  # 并集\nprint('# a | b')"


def test_punctuation_moves_into_the_formula_before_it_and_code_stays_as_it_is(source):
    english = '# %% [markdown] lang="en"\nr"""\nWith $a$, `$b$`, and ($c$).\n\n$$d$$.\n"""\n\n'
    chinese = '# %% [markdown] lang="zh"\nr"""\n由$a$，`$b$`，和（$c$）。\n\n$$d$$。\n"""\n'
    cell = build.read(source(SET_UP, english + chinese))[-1]
    assert cell.text["zh"] == "由$a\\text{，}$\u200b`$b$`，和（$c\\text{）。}$\n\n$$d$$。"
    assert cell.text["en"] == "With $a\\text{,}$ `$b$`, and ($c\\text{).}$\n\n$$d$$."
