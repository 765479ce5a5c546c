"""A class in which everybody is hostile: each is in every table, with a state, and nobody's answer is another's."""

import csv
import io
import json
import os
import socket
import stat
import subprocess
import sys
import zipfile

import pytest

from seeing_gradients.classroom.course import Course, save
from tests.needs import need

from .notebooks import ASSIGNMENT, cell, hand_in, notebook

GOOD = "def two_arrows(x):\n    return x * (x + 1)\n"
WRONG = {"wrong", "not yet", "missing"}  # no points, and nothing for a person to read


def zipped(*entries, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


def linked():
    link = zipfile.ZipInfo("02.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((link, "/etc/passwd"))


def encrypted():
    data = bytearray(zipped(("02.ipynb", GOOD_BOOK)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1  # says that it is encrypted
    return bytes(data)


GOOD_BOOK = notebook(cell(GOOD))
FAKES = {"points": 100, "grade": True, "score": 100, "locked": True, "solution": False, "checksum": "0", "task": True}
# student: (content of 02.ipynb, the states that are right)
FILES = {
    "empty file": ("", {"review"}),
    "only NUL": (b"\0" * 4096, {"review"}),
    "brackets": ("[" * 3_000_000, {"review"}),
    "not a number": (GOOD_BOOK.replace('"nbformat": 4', '"nbformat": NaN, "x": 1e999'), {"correct"}),
    "a number of a million digits": (GOOD_BOOK.replace('"nbformat": 4', f'"nbformat": {"9" * 1_000_000}'), {"review"}),
    "cells is a dict": ('{"cells": {"0": {}}}', {"review"}),
    "cells are numbers": ('{"cells": [1, null, "x", [], {}]}', WRONG),
    "cells twice": (f'{{"cells": [], {GOOD_BOOK[1:]}', {"correct"}),
    "metadata is a list": (json.dumps({"cells": [{**cell(GOOD), "metadata": []}]}), {"correct"}),
    "source of lists": (json.dumps({"cells": [{**cell(), "source": [["a"]]}]}), {"review"}),
    "lone surrogate": (notebook(cell('x = "\ud800"\n' + GOOD)), {"correct", "review"}),
    "UTF-16": (GOOD_BOOK.encode("utf-16"), {"correct"}),
    "100,000 cells": (notebook(*[cell("x = 1", None)] * 100_000, cell(GOOD)), {"review", "correct"}),
    "an output of 20 MB": (json.dumps({"cells": [{**cell(GOOD), "outputs": ["x" * 20_000_000]}]}), {"correct"}),
    "an output nested deeply": (
        GOOD_BOOK.replace('"outputs": []', f'"outputs": {"[" * 200_000}{"]" * 200_000}'),
        {"review", "correct"},
    ),
    "points in the metadata": (notebook(cell("def two_arrows(x):\n    return x\n", **FAKES)), WRONG),
    "id twice, two answers": (notebook(cell(GOOD), cell("def two_arrows(x):\n    return x\n")), {"review"}),
    "id twice, one answer": (notebook(cell(GOOD), cell(GOOD)), {"correct"}),
    "a thousand ids": (notebook(*[cell(GOOD + "#" * i) for i in range(1000)]), {"review"}),
    "a line of a million letters": (notebook(cell(GOOD + f'y = "{"x" * 1_000_000}"')), {"review", "correct"} | WRONG),
}
ARCHIVES = {
    "zip bomb": (zipped(("02.ipynb", b"\0" * (200 << 20))), {"review"}),
    "zip that leaves its folder": (zipped(("../../alice/02/02.ipynb", GOOD_BOOK)), {"review"}),
    "zip with an absolute name": (zipped(("/etc/02.ipynb", GOOD_BOOK)), {"review"}),
    "zip of a link": (linked(), {"review"}),
    "zip with a password": (encrypted(), {"review"}),
    "zip in a zip": (zipped(("02.zip", zipped(("02.ipynb", GOOD_BOOK)))), {"review", "missing"}),
    "zip with a name of two lines": (zipped(("a\nb.ipynb", GOOD_BOOK)), {"review", "correct"}),
    "zip of 20,000 files": (zipped(*[(f"{i}.txt", "") for i in range(20_000)]), {"review"}),
    "half a zip": (zipped(("02.ipynb", GOOD_BOOK))[:-30], {"review"}),
}


def returns(value, setup=""):
    return f"{setup}\ndef two_arrows(x):\n    return {value}\n"


ENDLESS = "while True: pass"
ANSWERS = {
    "equal to everything": returns("E()", "class E:\n    def __eq__(self, other): return True"),
    "repr that never ends": returns("E()", f"class E:\n    def __repr__(self):\n        {ENDLESS}"),
    "reduce that never ends": returns("E()", f"class E:\n    def __reduce__(self):\n        {ENDLESS}"),
    "hash that never ends": returns("{E(): 1}", "class E:\n    def __hash__(self):\n        return 10**6"),
    "float that never ends": returns("E()", f"class E:\n    def __float__(self):\n        {ENDLESS}"),
    "str of an error that never ends": (
        f"class E(Exception):\n    def __str__(self):\n        {ENDLESS}\n" + returns("1 / E()").replace("return", "raise E() #")
    ),
    "name of a million letters": returns("type('x' * 10**6, (), {})()"),
    "name that is no text": returns("E()", "class M(type):\n    __name__ = property(lambda s: 1 / 0)\nclass E(metaclass=M): pass"),
    "class that lies": returns("E()", "class E:\n    __class__ = property(lambda s: float)"),
    "error of an error's own base": "def two_arrows(x):\n    raise type('E', (BaseException,), {})('x' * 10**7)\n",
    "stop iteration": "def two_arrows(x):\n    raise StopIteration(x)\n",
    "generator exit": "def two_arrows(x):\n    raise GeneratorExit\n",
    "keyboard interrupt at the start": "raise KeyboardInterrupt\n" + GOOD,
    "an endless generator": "def two_arrows(x):\n    while True: yield x\n",
    "a list in itself": "def two_arrows(x):\n    a = []\n    a.append(a)\n    return a\n",
    "a dict in itself": "def two_arrows(x):\n    a = {}\n    a[0] = a\n    return a\n",
    "a dict of a million": returns("dict.fromkeys(range(10**6))"),
    "deep tuples": "def two_arrows(x):\n    a = ()\n    for _ in range(10**5): a = (a,)\n    return a\n",
    "recursion": "def two_arrows(x):\n    return two_arrows(x)\n",
    "recursion without a limit": "import sys\nsys.setrecursionlimit(10**9)\ndef two_arrows(x):\n    return two_arrows(x)\n",
    "a regular expression that never ends": returns("re.match('(a+)+$', 'a' * 60 + 'b')", "import re"),
    "a power that never ends": returns("9 ** 9 ** 9"),
    "a text of terabytes": returns("'x' * 2**42"),
    "a sum that is too deep": returns("x" + " + x" * 30_000),
    "a literal of 5,000 digits": returns("9" * 5000),
    "brackets that never close": "(" * 5000 + GOOD,
    "a sparse tensor": returns("torch.eye(3).to_sparse()"),
    "a tensor without memory": returns("torch.ones(3, device='meta')"),
    "a tensor expanded to terabytes": returns("torch.ones(1).expand(2**40)"),
    "a quantized tensor": returns("torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)"),
    "a nested tensor": returns("torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])"),
    "a tensor whose backward never ends": (
        "class F(torch.autograd.Function):\n    forward = staticmethod(lambda c, x: x * x + x)\n"
        f"    @staticmethod\n    def backward(c, g):\n        {ENDLESS}\n" + returns("F.apply(x)")
    ),
    "a hook that never ends": f"def stop(g):\n    {ENDLESS}\ndef two_arrows(x):\n    x.register_hook(stop)\n    return x * x + x\n",
    "warnings without end": "import warnings\ndef two_arrows(x):\n    while True: warnings.warn('w' * 1000)\n",
    "no builtins": "import builtins\nfor name in list(vars(builtins)): delattr(builtins, name)\n" + GOOD,
    "its own exit": "import atexit, os\natexit.register(os._exit, 0)\n" + returns("exit()"),
    "a thread that prints": (
        "import threading, time\ndef two_arrows(x):\n    threading.Thread(target=lambda: [print('x' * 10**6) for _ in range(100)]).start()\n"
        "    time.sleep(0.2)\n    return x\n"
    ),
    "a source of two lines in one": returns("x").replace("return", "return \u2028") ,
    "a source read backwards": returns("x  # \u202e }; \u2066"),
    "letters that look like others": "def two_arrows(x):\n    return ｔｏｒｃｈ.zeros(())\n",
    "a cell that resets the clock": "import time\ntime.clock_settime(time.CLOCK_REALTIME, 0)\n" + returns("x"),
    "a cell that fills its disk": "open('/answer/x', 'wb').write(b'x' * (64 << 20))\n" + GOOD,
}  # fmt: skip
NAMES = {
    "two\nlines": "two_lines",
    "\u202eevil": None,
    "=cmd|'x'": None,
    "dot.": None,
    "spa ce ": None,
    "x" * 200: None,
}


def odd_entries(submitted):
    """Make what is no file or folder as it should be; return {student: the states that are right}."""

    def folder(name):
        (submitted / name / "02").mkdir(parents=True)
        return submitted / name / "02"

    os.mkfifo(folder("fifo") / "02.ipynb")
    with socket.socket(socket.AF_UNIX) as server, __import__("contextlib").chdir(folder("socket")):
        server.bind("02.ipynb")
    with open(folder("sparse") / "02.ipynb", "wb") as file:
        file.truncate(10 << 30)
    (folder("loop") / "02.ipynb").symlink_to("02.ipynb")
    (submitted / "folder loop").mkdir()
    (submitted / "folder loop" / "02").symlink_to("..")
    (submitted / "loop of its own").symlink_to("loop of its own")
    (folder("folder as a file") / "02.ipynb").mkdir()
    for i in range(1200):
        (folder("many files") if i == 0 else submitted / "many files" / "02").joinpath(f"{i}.ipynb").touch()
    both = folder("two cases")
    (both / "02.ipynb").write_text(GOOD_BOOK)
    (both / "02.IPYNB").write_text("{}")
    (folder("no name") / "a\nb.ipynb").write_text(GOOD_BOOK)
    states = {name: {"review"} for name in ("fifo", "socket", "sparse", "loop", "folder loop", "loop of its own")}
    states |= {
        "folder as a file": {"review"},
        "many files": {"review"},
        "two cases": {"correct"},
        "no name": {"correct"},
    }
    if os.geteuid() == 0:
        os.mknod(folder("device") / "02.ipynb", 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero
        states["device"] = {"review"}
    else:
        hand_in(submitted, GOOD_BOOK, "unreadable")
        (submitted / "unreadable").chmod(0)
        states["unreadable"] = {"review"}
    return states


@pytest.mark.slow("grades some 90 submissions in the sandbox, of which a third run into a limit of time")
def test_everybody_of_a_hostile_class_is_in_every_table(tmp_path):
    need("bubblewrap")
    submitted = tmp_path / "course" / "submitted"
    submitted.mkdir(parents=True)
    save(Course("c", "s", (ASSIGNMENT,)), tmp_path / "course")
    expected = {"alice": {"correct"}, "zoe": {"correct"}}
    for name in expected:
        hand_in(submitted, GOOD_BOOK, name)
    for name, (content, states) in FILES.items():
        hand_in(submitted, content, name)
        expected[name] = states
    for name, (content, states) in ARCHIVES.items():
        hand_in(submitted, content, name, name="work.zip")
        expected[name] = states
    for name, source in ANSWERS.items():
        hand_in(submitted, notebook(cell(source)), name)
        expected[name] = WRONG | {"review"}
    for name in NAMES:
        hand_in(submitted, GOOD_BOOK, name)
    expected |= odd_entries(submitted)
    command = [sys.executable, "-m", "seeing_gradients.classroom", "grade", str(submitted), "--lang", "en"]
    command += [
        "--out",
        str(tmp_path / "grades"),
        "--gradebook",
        "none",
        "--limit",
        "seconds=1",
        "--limit",
        "processor=0.5",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    tables = {}
    for table in ("grades.csv", "totals.csv"):
        with open(tmp_path / "grades" / table, encoding="utf-8-sig", newline="") as file:
            tables[table] = {row["student"]: row for row in csv.DictReader(file)}
    count = len(expected) + len(NAMES)
    assert len(tables["grades.csv"]) == len(tables["totals.csv"]) == count
    states = {name: row["state"] for name, row in tables["grades.csv"].items()}
    assert {name: states.get(name) for name, right in expected.items() if states.get(name) not in right} == {}
    earned = {name for name, row in tables["totals.csv"].items() if float(row["points"]) > 0 and name in expected}
    assert earned <= {name for name, right in expected.items() if "correct" in right}
    assert sum(state == "correct" for name, state in states.items() if name not in expected) == len(NAMES)
