"""Names are the field's own: none of the words that the first edition used privately comes back as a name.

What counts as a name, in Python: a module, class, function, parameter, variable, attribute or trait that the code binds,
and a key of a dict. In JavaScript and CSS: an identifier, a property, a class. What the code merely uses (`os.walk`,
`torch.outer`) is somebody else's word.
"""

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

import seeing_gradients

LIBRARY = Path(seeing_gradients.__file__).parent
COURSE = LIBRARY.parents[1]
BUNDLES = LIBRARY / "widgets" / "static"  # what esbuild writes from the modules that are read here
PAGE = [
    path
    for path in sorted((LIBRARY / "widgets").rglob("*"))
    if path.suffix in {".js", ".mjs", ".css"} and path.parent != BUNDLES
]

# Not to be read in any name, alone or as a part of it, and what to write instead.
PARTS = {
    "kept": "saved_tensors, baseline, restored, cache",
    "keeping": "baseline, restore_*",
    "look": "read_saved, or what is looked at",
    "given": "arguments",
    "found": "what it is: record, nodes, match",
    "taken": "what it is: used_names",
    "told": "step_captions, or what is told",
    "there": "present, position",
    "ways": "argument_of_edge, edges",
    "reach": "referenced_values",
    "outer": "preexisting_nodes",
    "by_hand": "custom_engine",
    "rewritten": "untracked_writes",
    "shot": "snapshot",
    "strip": "tensor_preview",
    "strips": "tensor_preview",
    "torn": "discontinuities",
    "joins": "accumulation_nodes",
    "ruling": "SandboxedAnswer",
    "sitting": "StudentSession",
}
# Plain English within a longer name, but not a name on its own.
ALONE = {
    "place": "edge_key, position",
    "place_of": "edge_key, position",
    "at": "position",
    "levels": "coordinates",
    "layers": "columns",
    "way": "EdgeRoute",
    "here": "LocalAnswer",
    "away": "GradedAnswer",
    "orders": "jobs",
    "holes": "heap",
    "border": "protocol",
    "walk": "move_focus, descent_steps, backward_nodes",
}
# Constants, in this spelling: the same words in small letters are PyTorch's or plain English.
CONSTANTS = {
    "BACKWARD": "theme.GRADIENT",
    "_SHORT": "FUNCTION_SECONDS",
    "_LONG": "MODEL_SECONDS",
    "_THIRD": "_EXERCISE_02_2",
}
# Words that say what they mean in one room and hide it in another: the rows of a Jacobian are rows, the root of a graph
# is its root, but what wraps a layout is not called `rows`, nor what a student's code sees `root`.
IN_ROOM = {
    "picture": {"rows": "wrapped_rows"},
    "classroom": {"root": "namespaces", "border_error": "ProtocolError"},
}
# (a part of the file's path, name): why it may stay.
ALLOWED = {
    ("helpers/__main__", "place"): "the key that .venv/ready.json holds since the first edition",
    ("explore/explorer", "keeping"): "what lesson 9 sets",
    ("contour", "levels"): "the levels of contour lines, Matplotlib's word",
    ("contour", "_LEVELS"): "the same",
    ("picture/labels", "outer"): "the function whose symbol stands there: torch.outer",
    ("picture/saved_tensor_chips", "kept"): "a state of a saved tensor, as Saved.state says it",
    ("picture/painting", "kept"): "the same",
    ("hub/jupyter/nbgrader_config", "root"): "nbgrader's setting: c.Exchange.root",
    (".js", "at"): "Array.prototype.at",
}
# Not to be read in a comment or docstring, and the plain word.
PROSE = {
    r"\banew\b": "again",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bbe it\b": "even if, whether",
    r", say[,.;:)]": "e.g.",
    r"\bwhoever\b": "anyone who, or who it is",
    r"\bas ever\b": "as usual",
    r"\bin earnest\b": "really",
    r"\bbehind our back\b": "unseen",
}


def rooms():
    """room -> its source files; the page's code is a room of its own."""
    files = {"page": PAGE, "helpers": sorted((COURSE / "helpers").rglob("*.py"))}
    for path in sorted(LIBRARY.rglob("*.py")):
        files.setdefault(path.relative_to(LIBRARY).parts[0].removesuffix(".py"), []).append(path)
    return {room.strip("_"): paths for room, paths in files.items()}


def names_in_python(source):
    """(line, name) of everything that a module binds, and of each key of a dict."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.alias(asname=str(name)):
                yield 0, name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name
            case ast.Dict(keys=keys):
                yield from ((node.lineno, key) for key in map(constant, keys) if key.isidentifier())
            case ast.Subscript(slice=key, ctx=ast.Store()) if constant(key).isidentifier():
                yield node.lineno, constant(key)
            case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
                yield from ((node.lineno, keyword.arg) for keyword in keywords if keyword.arg)
            case ast.Call(func=ast.Name(id="namedtuple"), args=[_, fields]):
                yield from ((node.lineno, name) for name in re.findall(r"\w+", ast.unparse(fields)))


def constant(node):
    """The text of a string constant, "" for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# What holds no name: comments, strings, regular expressions. A template's `${...}` holds some: its text goes, they stay.
NO_NAME = re.compile(
    r"/\*.*?\*/|(?<![:\w])//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|(?<=[=(,:\[!&|?{};])\s*/(?![*/])(?:\\.|[^/\\\n])+/\w*",
    re.DOTALL,
)


def names_in_javascript(source):
    """(line, name) of every identifier and property, and of each class in the text of a string."""
    classes = [(found.start(), found[1]) for found in re.finditer(r"(?<![\w/-])sg-([a-z][\w-]*)", source)]
    bare = NO_NAME.sub(lambda found: "\n" * found[0].count("\n") or " ", source)
    bare = re.sub(r"`[^`$]*(?=`|\$\{)|\}[^`$]*`", lambda found: "\n" * found[0].count("\n") or " ", bare)
    yield from ((bare.count("\n", 0, found.start()) + 1, found[0]) for found in re.finditer(r"[A-Za-z_$][\w$]*", bare))
    yield from ((source.count("\n", 0, start) + 1, name) for start, name in classes)


def names_in_css(source):
    """(line, name) of every class."""
    bare = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), source, flags=re.DOTALL)
    found = re.finditer(r"\.(-?[A-Za-z_][\w-]*)(?=[^{}]*\{)", bare)
    return [(bare.count("\n", 0, name.start()) + 1, name[1]) for name in found]


READERS = {".py": names_in_python, ".js": names_in_javascript, ".mjs": names_in_javascript, ".css": names_in_css}


def snake_case(name):
    """`bySpreadName`, `by-spread-name` and `BySpreadName` as `by_spread_name`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", name).lower().strip("_")


def better(room, name, path=""):
    """What to write instead of a name, None where it may stand."""
    if any(part in path and name == word for part, word in ALLOWED):
        return None
    plain = snake_case(name).removeprefix("sg_")
    part = next((PARTS[word] for word in PARTS if f"_{word}_" in f"_{plain}_"), None)
    return part or ALONE.get(plain) or CONSTANTS.get(name) or IN_ROOM.get(room, {}).get(plain)


@cache
def names(path):
    """(line, name) of everything that a file names, and of the file and its folder."""
    inside = READERS[path.suffix](path.read_text(encoding="utf-8"))
    return [(0, path.stem), (0, path.parent.name), *inside]


def prose_in_python(path):
    """(line, text) of each comment and docstring."""
    source = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""


def prose_in_javascript(path):
    """(line, text) of each comment, in JavaScript and CSS."""
    source = path.read_text(encoding="utf-8")
    for found in re.finditer(r"/\*.*?\*/|(?<![:\w])//[^\n]*", source, re.DOTALL):
        yield source.count("\n", 0, found.start()) + 1, found[0]


def listed(lines):
    return "\n".join(sorted(lines))


@pytest.mark.parametrize("room", sorted(rooms()))
def test_names_are_words_of_the_field(room):
    wrong = {
        f"{path.relative_to(COURSE)}:{line} {name} -> {instead}"
        for path in rooms()[room]
        for line, name in names(path)
        if (instead := better(room, name, path.as_posix()))
    }
    assert not wrong, listed(wrong)


@pytest.mark.parametrize("room", sorted(rooms()))
def test_comments_are_plain_english(room):
    wrong = {
        f"{path.relative_to(COURSE)}:{line} {match[0].strip()!r} -> {instead}"
        for path in rooms()[room]
        for line, text in (prose_in_python if path.suffix == ".py" else prose_in_javascript)(path)
        for pattern, instead in PROSE.items()
        for match in re.finditer(pattern, text)
    }
    assert not wrong, listed(wrong)


def test_the_reader_of_javascript_sees_names_and_no_text():
    source = "// kept\nconst byHand = x.at(1), s = 'torn', re = /way/; /* shot */ f({ given: `told ${place} there` });"
    names = {name for _, name in names_in_javascript(source)}
    assert {"byHand", "given", "place", "at"} <= names and not names & {"kept", "torn", "way", "shot", "told", "there"}


def test_the_reader_of_css_sees_classes_alone():
    names = names_in_css(".sg-kept > a:hover { border: 1.5px solid; }\n.sg-torn, .sg-x { color: red }")
    assert names == [(1, "sg-kept"), (2, "sg-torn"), (2, "sg-x")]


def test_the_reader_of_python_sees_what_is_bound_and_not_what_is_used():
    source = (
        "import os\ndef f(kept, *, at=1):\n    self.torn = os.walk(at)\n    return {'place': [told for told in kept]}"
    )
    names = {name for _, name in names_in_python(source)}
    assert names == {"f", "kept", "at", "torn", "place", "told"}


@pytest.mark.parametrize("name", ["given_kept", "recordByHand", "sg-torn", "_BY_HAND", "Walk", "_place", "BorderError"])
def test_a_private_word_is_seen_in_every_spelling(name):
    assert better("classroom", name)


@pytest.mark.parametrize(
    "name", ["in_place", "backward", "lookup", "foundation", "slope_at_zero", "_backward", "sublayers"]
)
def test_a_word_of_the_field_may_stand(name):
    assert better("recorder", name) is None


@pytest.mark.parametrize(("part", "word"), ALLOWED)
def test_what_is_allowed_is_still_used(part, word):
    files = [path for paths in rooms().values() for path in paths if part in path.as_posix()]
    assert any(name == word for path in files for _, name in names(path))
