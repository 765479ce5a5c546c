"""A task, an assignment and notebook files for the tests of grading."""

import json

from seeing_gradients.classroom.course import Assignment, Task

STUB = "def two_arrows(x):\n    return ...\n"
RIGHT = "def two_arrows(x):\n    return x * x\n"
TASK = Task("answer-02-5", "02.5", 2.0, "import torch", STUB, "two_arrows")
ASSIGNMENT = Assignment("02", "en", "02.ipynb", (TASK,))


def cell(source=RIGHT, grade_id="answer-02-5", kind="code", **nbgrader):
    """A cell as a dict, as it is stored in a notebook file."""
    metadata = {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **nbgrader}} if grade_id else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


def notebook(*cells):
    """The text of a notebook file with these cells."""
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def hand_in(root, text, student="alice", assignment="02", name="02.ipynb"):
    """Write a notebook, text or bytes, where nbgrader stores submissions; return its folder."""
    folder = root / student / assignment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder
