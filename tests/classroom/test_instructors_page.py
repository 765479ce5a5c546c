"""The instructors' page: its commands, run as they stand and one after the other, print what the page shows."""

import contextlib
import csv
import io
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from seeing_gradients import language
from seeing_gradients.classroom import __main__ as commands
from seeing_gradients.classroom import sandbox

from .nbgrader_commands import nbgrader

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {"en": "instructors.md", "zh": "instructors.zh-CN.md"}
FIRST, LAST = {"en": "## Assign", "zh": "## 布置作业"}, {"en": "## How points", "zh": "## 怎样给分"}
# What differs from one run to the next: times, and how far grading has come by the clock.
CHANGING = (
    (r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", "TIME"),
    (r"[█░]{30}.*", ""),  # more than one line if it takes long
    (r"\ufeff", ""),
)


def blocks(lang):
    """Yield (language, text, file named before it) of the blocks of a page, between assigning and what follows grading."""
    text = (DOCS / PAGES[lang]).read_text(encoding="utf-8")
    text = text[text.index(FIRST[lang]) : text.index(LAST[lang])]
    for match in re.finditer(r"```(sh|text|toml)\n(.*?)```", text, re.DOTALL):
        named = re.findall(r"`((?:course/)?points\.toml)`", text[: match.start()])
        yield match[1], match[2], named[-1] if named else None


def steps(lang):
    """Yield ("write", file, text) and ("run", commands, what the page shows of their output or None), in order."""
    waiting: list[str] = []
    for kind, text, named in blocks(lang):
        if waiting and (kind != "text" or text.startswith("$ ")):
            yield "run", waiting, None
            waiting = []
        if kind == "toml":
            yield "write", named, text
        elif kind == "sh":
            waiting = text.strip().splitlines()
        elif waiting:
            yield "run", waiting, text
            waiting = []
        else:
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                yield "run", [command], shown
    if waiting:
        yield "run", waiting, None


def run(command, folder):
    """Run a command of the page in a folder; return what it printed."""
    words = shlex.split(command)
    if words[0] == "nbgrader":
        nbgrader(folder, *words[1:])
        return ""
    if words[:3] == ["python", "-m", "seeing_gradients.classroom"]:
        output = io.StringIO()  # in this process, which has loaded everything
        with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output), contextlib.chdir(folder):
            assert commands.main(words[3:]) == 0, output.getvalue()
        return output.getvalue()
    assert words[0] != "python"
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True).stdout


def lines(text, pseudonyms):
    """The lines of an output without what changes, sorted by the names that pseudonyms stand for."""
    for pattern, word in CHANGING:
        text = re.sub(pattern, word, text)
    known = [id for id in pseudonyms if id in text]
    for id in known:
        text = text.replace(id, f"id of {pseudonyms[id]}")
    found = [line for line in text.splitlines() if line.strip()]
    return sorted(found) if known else found


def pseudonyms(text):
    return {row["id"]: row["student"] for row in csv.DictReader(io.StringIO(text))}


@pytest.fixture
def one_sandbox(launcher, monkeypatch):
    """Every `grade` finds the sandbox of all tests: to load PyTorch in one of its own takes seconds."""
    monkeypatch.setattr(launcher, "wait", lambda: None)  # it is ready, and says so once
    monkeypatch.setattr(sandbox, "start_sandbox", lambda kind: contextlib.nullcontext(launcher))


@pytest.mark.slow("runs a whole week of the classroom's commands, of which six grade in the sandbox")
@pytest.mark.usefixtures("one_sandbox", "gradebooks_at_once")
def test_the_commands_of_the_page_print_what_it_shows(tmp_path):
    folder, shown_ids, ids, compared = tmp_path, {}, {}, 0
    with language.using("en"):
        for kind, what, shown in steps("en"):
            if kind == "write":
                with open(tmp_path / what, "a", encoding="utf-8") as file:
                    file.write(shown)
                continue
            printed = ""
            for command in what:
                if command.startswith("cd "):
                    folder = (folder / command[3:]).resolve()
                else:
                    printed += run(command, folder)
            if what == ["cat course/pseudonyms.csv"]:
                shown_ids, ids = pseudonyms(shown), pseudonyms(printed)
            if shown is None or any(command.startswith("nbgrader") for command in what):  # which is quiet here
                continue
            expected, received = lines(shown, shown_ids), lines(printed, ids)
            if "..." in expected:
                assert [line for line in expected if line != "..." and line not in received] == [], what
            else:
                assert received == expected, what
            compared += 1
    assert compared >= 14


def test_both_pages_have_the_same_commands_and_numbers():
    english, chinese = ([(kind, what) for kind, what, _ in steps(lang)] for lang in PAGES)
    assert [(kind, str(what).replace("--lang zh", "--lang en")) for kind, what in chinese] == [
        (kind, str(what)) for kind, what in english
    ]
    tables = []
    for lang in PAGES:
        shown = [lines(text or "", {}) for kind, _, text in steps(lang) if kind == "run"]
        rows = [re.sub(r'"[^"]*"', "", line).split(",") for text in shown for line in text if line.count(",") > 3]
        tables.append([[part for part in row if re.fullmatch(r"[\d.]+|[\w -]*", part, re.ASCII)] for row in rows])
    assert len(tables[0]) > 30 and tables[0] == tables[1]
