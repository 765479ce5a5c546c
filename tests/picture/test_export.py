"""export: Mermaid, DOT, JSON, SVG and PNG hold every node, edge and number of the record, whatever the names."""

import contextlib
import dataclasses
import errno
import html
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.image
import pytest
import resvg_py
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import draw, explore, export, language, record
from seeing_gradients.picture.export import _fonts
from seeing_gradients.picture.labels import _SIGNS
from tests.programs import programs, run

NUMBER = re.compile(r"-?(?:inf|nan|\d+(?:\.\d+)?(?:e-?\d+)?)")
NODE_OF_MERMAID = re.compile(r'  n(\d+)(\[/|\(\[|\{\{|\[)"([^"]*)"(/\]|\]\)|\}\}|\])')
EDGE_OF_MERMAID = re.compile(r'  n(\d+) (<-->|-->|-\.->)(?:\|"([^"]+)"\|)? n(\d+)')
NODE_OF_DOT = re.compile(r'  n(\d+) \[label="((?:[^"\\]|\\.)*)", (shape=[^\]]*)\];')
EDGE_OF_DOT = re.compile(r'  n(\d+) -> n(\d+)(?: \[(?:label="((?:[^"\\]|\\.)*)")?[^\]"]*\])?;')
NAMES = [
    'a"b', "back\\slash", "end\\", "a\nb", "x#35;y", "<b>k</b>", "&amp;", "a|b", "]", "])", "}}", "`c`", "__init__", "1. a",
    "- a", "end", "style:x#35;", "%%{init: 1}%%", "学习率", "ŷ", "🙂", "$$x$$", "fa:fa-car", "\\N", "\x00", "\ud800", "w" * 999,
    "subgraph", "; x", "<!-- -->", "]]>", "\u2028", "\ufffe",
]  # fmt: skip
many = settings(max_examples=30, deadline=None)
numbers = st.lists(st.floats(-1.5, 1.5, width=32), min_size=3, max_size=3)
any_name = st.one_of(st.sampled_from(NAMES), st.text(st.characters(), min_size=1, max_size=80))


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


def cut(x):
    kept = x.detach() * 2
    return (kept * x).sum()


@pytest.fixture(scope="module")
def recorded():
    return record(loss, 4.0, 2.0, torch.tensor(2.0), 7.0)


def of_program(program, *rows):
    leaves = [torch.tensor(row, dtype=torch.float64, requires_grad=True) for row in rows]
    return record(lambda a, b: run(program, a, b), *leaves, max_ops=10_000, max_seconds=None)


def called(taken, name):
    """The record with one name at every place where a name can be."""
    nodes = [dataclasses.replace(node, name=name, op=name, grad_fn=node.grad_fn and name) for node in taken.nodes]
    return dataclasses.replace(taken, nodes=nodes, inputs={name: 0}, name=name)


def from_mermaid(text):
    """(nodes: id -> (form, lines), edges: list of (src, dst, line, label)); every line must be one that we know."""
    nodes, edges, rest = {}, [], []

    def decoded(label):
        assert not re.search(r"#(?!\d+;)|[`<>\\{}]", label.replace("<br/>", ""))
        return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label).replace("\u200b", "")

    for line in text.splitlines():
        if found := NODE_OF_MERMAID.fullmatch(line):
            nodes[int(found[1])] = found[2] + found[4], [decoded(part) for part in found[3].split("<br/>")]
        elif found := EDGE_OF_MERMAID.fullmatch(line):
            edges.append((int(found[1]), int(found[4]), found[2], decoded(found[3] or "")))
        else:
            rest.append(line)
    assert rest[0] == "flowchart LR" and not re.search("[#;%{}]", rest[1])
    assert rest[2:] in ([], ["  classDef output stroke-width:4px", f"  class n{len(nodes) - 1} output"])
    return nodes, edges


def from_dot(text):
    """The same of DOT, where the form is a text of attributes."""
    nodes, edges, rest = {}, [], []

    def decoded(label):
        assert not re.search(r"&(?!amp;)", label)
        plain = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], label)
        return html.unescape(plain).split("\n")

    for line in text.splitlines():
        if found := NODE_OF_DOT.fullmatch(line):
            nodes[int(found[1])] = found[3], decoded(found[2])
        elif found := EDGE_OF_DOT.fullmatch(line):
            edges.append((int(found[1]), int(found[2]), "style=dashed" in line, *decoded(found[3] or "")))
        else:
            rest.append(line)
    assert re.fullmatch(r'digraph "([^"\\]|\\.)*" \{', rest[0]) and rest[1] == "  rankdir=LR;"
    assert re.fullmatch(r'  label="([^"\\]|\\.)*";', rest[2]) and rest[4:] == ["}"]
    return nodes, edges


READERS = {"mermaid": (export.mermaid, from_mermaid), "dot": (export.dot, from_dot)}


@pytest.fixture(params=READERS)
def written(request):
    """A function of a record: what is in its text, read back by a parser of our own."""
    write, read = READERS[request.param]
    return lambda taken: read(write(taken))


def flat(values):
    return [x for item in values for x in flat(item)] if isinstance(values, list) else [float(values)]


def agrees(text, snapshot):
    """Whether the text says the snapshot's numbers, to as many digits as it has room for."""
    if snapshot is None:
        return text == "None"
    found = [float(part) for part in NUMBER.findall(text.replace("True", "1").replace("False", "0"))]
    if snapshot.numbers is None or ".." in text:
        low_high = [snapshot.low, snapshot.high] if snapshot.numbers is None else flat(snapshot.numbers)
        return torch.allclose(torch.tensor(found[-2:]), torch.tensor([min(low_high), max(low_high)]), rtol=0.5)
    known = flat(snapshot.numbers)
    tolerance = 1e-3 if len(known) == 1 else 0.06
    return len(found) == len(known) and all(math.isclose(a, b, rel_tol=tolerance) for a, b in zip(found, known))


@many
@given(st.sampled_from(sorted(READERS)), programs(), numbers, numbers)
def test_every_node_and_edge_of_a_random_program_is_in_the_text_with_its_numbers(kind, program, first, second):
    taken = of_program(program, first, second)
    write, read = READERS[kind]
    nodes, edges = read(write(taken))
    assert sorted(nodes) == [node.id for node in taken.nodes]
    assert Counter(edge[:2] for edge in edges) == Counter((edge.src, edge.dst) for edge in taken.edges)
    for node in taken.nodes:
        lines = nodes[node.id][1]
        assert not node.grad_fn or lines[-1] == node.grad_fn
        if len(node.values) == 1 and node.kind != "constant":
            assert lines[1].startswith("→ ") and agrees(lines[1][2:], node.values[0])
        assert node.requires_grad == any(line.startswith("← ") for line in lines)
        if len(node.values) == 1 and node.requires_grad:
            assert lines[2].startswith("← ") and agrees(lines[2][2:], node.grads[0])
    for edge, (*_, label) in zip(taken.edges, edges, strict=True):
        assert ("//" in label) == edge.cut
        assert agrees(label.split("← ")[1], edge.flow) if edge.flow else "←" not in label


@many
@given(programs(), numbers, numbers)
def test_the_plain_dict_of_a_random_program_holds_the_record_exactly(program, first, second):
    taken = of_program(program, first, second)
    data = json.loads(json.dumps(export.as_dict(taken), allow_nan=False))
    assert data == export.as_dict(taken)
    assert data["backward_order"] == taken.backward_order and data["inputs"] == taken.inputs
    assert [(e["src"], e["dst"], e["output"], e["input"], e["cut"]) for e in data["edges"]] == [
        (e.src, e.dst, e.output, e.input, e.cut) for e in taken.edges
    ]
    for plain, node in zip(data["nodes"], taken.nodes, strict=True):
        assert [plain[key] for key in ("op", "grad_fn", "kind", "name", "line")] == [
            node.op, node.grad_fn, node.kind, node.name, node.line,
        ]  # fmt: skip
        assert tuple(saved["name"] for saved in plain["kept"]) == node.saved
        for part, snapshots in (("values", node.values), ("grads", node.grads)):
            assert all(map(same, plain[part], snapshots)) and len(plain[part]) == len(snapshots)
    assert all(same(plain["flow"], edge.flow) for plain, edge in zip(data["edges"], taken.edges, strict=True))


def same(plain, snapshot):
    """Whether a plain tensor is the snapshot, bit for bit."""
    if snapshot is None or snapshot.numbers is None:
        return plain is None if snapshot is None else plain["low"] == snapshot.low and plain["numbers"] is None
    tensor = torch.tensor(plain["numbers"], dtype=getattr(torch, plain["dtype"])).reshape(plain["shape"])
    return tensor.dtype == snapshot.dtype and torch.equal(tensor, snapshot.tensor())


def test_what_json_has_no_number_for_is_text_that_python_reads():
    data = export.as_dict(record(lambda x: (x.sqrt() + torch.tensor([math.inf, -math.inf])).sum(), [-1.0, 4.0]))
    json.dumps(data, allow_nan=False)
    kept = [node["values"][0]["numbers"] for node in data["nodes"]]
    assert ["nan", 2.0] in kept and ["inf", "-inf"] in kept
    turned = export.as_dict(record(lambda x: (x * torch.tensor(1 + 2j)).abs(), 1.0))
    assert 1 + 2j in [complex(n["values"][0]["numbers"]) for n in turned["nodes"] if n["dtype"] == "complex64"]


def test_the_plain_dict_says_its_format_and_has_every_field_of_a_record(recorded):
    data = export.as_dict(recorded)
    assert (data["format"], data["version"]) == ("seeing-gradients record", 2)
    for plain, whole in (
        (data, recorded),
        (data["nodes"][0], recorded.nodes[0]),
        (data["edges"][0], recorded.edges[0]),
    ):
        assert {export.KEYS.get(field.name, field.name) for field in dataclasses.fields(whole)} <= plain.keys()
    assert data["grads"]["w"]["numbers"] == 12.0 and data["output"]["numbers"] == 9.0
    assert data["source"][1].startswith("def loss(w, b, x, y_true):")


def test_the_form_tells_the_kind_without_colour(written):
    nodes, edges = written(record(cut, [1.0, 2.0]))
    forms = {}
    for node in record(cut, [1.0, 2.0]).nodes:
        forms.setdefault(node.kind, set()).add(nodes[node.id][0].replace(", penwidth=3", ""))
    assert set(forms) == {"leaf", "op", "constant", "detached"}
    assert len(set.union(*forms.values())) == 4 == sum(map(len, forms.values()))
    assert {edge[3] for edge in edges if edge[2] in (True, "-.->")} == {"//"}
    assert "color" not in export.dot(record(cut, [1.0, 2.0]))


@many
@given(st.sampled_from(sorted(READERS)), any_name)
def test_any_name_is_one_short_line_and_comes_back_whole(recorded, kind, name):
    write, read = READERS[kind]
    nodes, edges = read(write(called(recorded, name)))
    assert len(nodes) == len(recorded.nodes) and len(edges) == len(recorded.edges)
    wanted = export.clean(name)
    wanted = wanted if len(wanted) <= 60 else wanted[:59] + "…"
    assert nodes[0][1][0] == wanted.replace("\u200b", "") if kind == "mermaid" else nodes[0][1][0] == wanted


@many
@given(any_name)
def test_any_name_can_be_written_in_every_kind_of_file(recorded, name):
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("svg", "mmd", "dot", "json"):
            draw(called(recorded, name), path=Path(folder, f"g.{suffix}"))
            text = Path(folder, f"g.{suffix}").read_text(encoding="utf-8")
            if suffix == "svg":
                ElementTree.fromstring(text)
            if suffix == "json":
                assert json.loads(text)["name"] == name


@pytest.mark.needs("graphviz")
@pytest.mark.parametrize("name", NAMES)
def test_graphviz_draws_the_text(recorded, name):
    text = export.dot(called(recorded, name)).encode("utf-8")
    done = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    texts = [
        "".join(e.itertext()) for e in ElementTree.fromstring(done.stdout).iter("{http://www.w3.org/2000/svg}text")
    ]
    wanted = export.clean(name) if len(name) <= 60 else name[:59] + "…"
    assert wanted in [text.replace("\xa0", " ") for text in texts] and "← 12" in texts


def test_an_unfinished_record_says_so(written):
    taken = dataclasses.replace(record(loss, 4.0, 2.0, 2.0, 7.0), complete=False)
    assert "stopped early" in export.mermaid(taken) and "stopped early" in export.dot(taken)
    assert "output" not in export.mermaid(taken) and "penwidth" not in export.dot(taken)
    written(taken)


def test_a_page_holds_the_whole_picture_and_loads_nothing(recorded, tmp_path):
    picture = draw(recorded, path=tmp_path / "g.html")
    page = (tmp_path / "g.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and picture.svg in page and "<title>loss</title>" in page
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"} and not re.search(r"\b(src|href)=|<script|@import|url\(", page)
    with language.using("zh"):
        draw(recorded, path=tmp_path / "g.html")
    assert '<html lang="zh-CN">' in (tmp_path / "g.html").read_text(encoding="utf-8")


def test_a_page_gives_every_colour_of_its_picture_a_dark_one(recorded, tmp_path):
    picture = draw(recorded, path=tmp_path / "g.html")
    page = (tmp_path / "g.html").read_text(encoding="utf-8")
    dark = page.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    used = set(re.findall(r'(fill|stroke)="(#\w+)"', picture.svg))
    assert len(used) > 6 and all(f'[{attribute}="{colour}"]' in dark for attribute, colour in used)


@pytest.mark.parametrize("suffix", ["svg", "mmd", "dot", "json"])
def test_draw_writes_what_the_suffix_says(recorded, tmp_path, suffix):
    texts = {
        "svg": lambda: draw(recorded).svg,
        "mmd": lambda: export.mermaid(recorded),
        "dot": lambda: export.dot(recorded),
        "json": lambda: json.dumps(export.as_dict(recorded), indent=1) + "\n",
    }
    draw(recorded, path=str(tmp_path / f"g.{suffix.upper()}"))
    assert (tmp_path / f"g.{suffix.upper()}").read_text(encoding="utf-8") == texts[suffix]()
    assert os.listdir(tmp_path) == [f"g.{suffix.upper()}"]


def test_the_png_is_the_picture_at_two_pixels_a_px(recorded, tmp_path):
    picture = draw(recorded, path=tmp_path / "g.png")
    image = matplotlib.image.imread(tmp_path / "g.png")
    size = ElementTree.fromstring(picture.svg)
    assert image.shape[:2] == tuple(math.ceil(2 * float(size.get(key))) for key in ("height", "width"))
    for colour in ("0b57d0", "b93c05"):  # the ink of values and of gradients
        ink = torch.tensor(list(bytes.fromhex(colour))) / 255
        assert (torch.from_numpy(image[..., :3]) - ink).abs().amax(-1).lt(0.02).sum() > 500


@pytest.mark.parametrize("bare", [True, False], ids=["no system font", "system fonts"])
def test_every_symbol_of_a_picture_is_drawn_even_where_the_system_has_no_font(bare):
    """A letter that no font has leaves no ink, or a box."""

    def ink(sign):
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="9" y="28">{html.escape(sign)}</text>'
        chosen = {"font_files": _fonts(), "sans_serif_family": "DejaVu Sans", "skip_system_fonts": bare}
        return bytes(resvg_py.svg_to_bytes(svg_string=f"{svg}</svg>", font_family="DejaVu Sans", **chosen))

    signs = sorted({*"".join(_SIGNS.values()), *"→←∂…+-"} - {" "})
    drawn = {sign: ink(sign) for sign in signs}
    assert not set(drawn.values()) & {ink(""), ink("\U000e0fff")}
    assert len(set(drawn.values())) == len(signs)


def test_a_png_without_its_package_says_how_to_get_it(recorded, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ModuleNotFoundError, match="%pip install resvg-py"):
        draw(recorded, path=tmp_path / "g.png")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("width", "pixels"), [(1000, 2000), (5000, 5000), (8000, 6000)])
def test_a_large_picture_has_fewer_pixels(width, pixels):
    written = export.png(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{width}"/>')
    assert struct.unpack(">II", written[16:24]) == (pixels, pixels)


def test_a_picture_too_large_for_a_png_is_refused():
    with pytest.raises(ValueError, match="40000 x 3000 px is too large"):
        export.png('<svg xmlns="http://www.w3.org/2000/svg" width="40000" height="3000"/>')


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("g.txt", ValueError, "must be one of .svg, .png, .html, .mmd, .dot, .json; received 'g.txt'"),
        ("g", ValueError, "received 'g'"),
        ("nowhere/g.svg", FileNotFoundError, "nowhere does not exist"),
        (3, TypeError, "received int"),
    ],
)
def test_a_path_that_cannot_be_is_refused_before_f_runs(tmp_path, monkeypatch, path, error, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=re.escape(said)):
        draw(lambda x: pytest.fail("f ran"), 1.0, path=path)
    language.use("zh")
    with pytest.raises(error, match="[\u4e00-\u9fff]"):
        draw(lambda x: pytest.fail("f ran"), 1.0, path=path)


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(recorded, tmp_path, monkeypatch, broken):
    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "g.svg").write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="cannot be written [(]No space left on device[)]"):
        draw(recorded, path=tmp_path / "g.svg")
    assert os.listdir(tmp_path) == ["g.svg"] and (tmp_path / "g.svg").read_text(encoding="utf-8") == "old"


def test_a_folder_of_that_name_is_not_replaced(recorded, tmp_path):
    (tmp_path / "g.svg").mkdir()
    with pytest.raises(OSError, match="cannot be written"):
        draw(recorded, path=tmp_path / "g.svg")
    assert os.listdir(tmp_path) == ["g.svg"]


@contextlib.contextmanager
def as_nobody():
    """Root may write anywhere: in the block this process is nobody, if it was root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="Windows folders have no mode")
@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o666), (0o777, 0o444)])
def test_a_read_only_file_or_folder_is_left_as_it_is(recorded, folder_mode, file_mode):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "g.svg")
        file.write_text("old", encoding="utf-8")
        file.chmod(file_mode)
        os.chmod(folder, folder_mode)
        with as_nobody(), pytest.raises(PermissionError, match="cannot be written"):
            draw(recorded, path=file)
        assert os.listdir(folder) == ["g.svg"] and file.read_text(encoding="utf-8") == "old"
        os.chmod(folder, 0o700)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege on Windows")
def test_a_link_stays_a_link_and_its_file_is_written(recorded, tmp_path):
    (tmp_path / "link.svg").symlink_to(tmp_path / "real.svg")
    draw(recorded, path=tmp_path / "link.svg")
    assert (tmp_path / "link.svg").is_symlink() and "<svg" in (tmp_path / "real.svg").read_text(encoding="utf-8")


def test_the_explorer_exports_the_position_at_which_it_stands(tmp_path):
    widget = explore(lambda w: w * w, w=(-5.0, 5.0)).set(w=3.0)
    widget.export(tmp_path / "g.json")
    data = json.loads((tmp_path / "g.json").read_text(encoding="utf-8"))
    assert data["output"]["numbers"] == 9.0 and data["grads"]["w"]["numbers"] == 6.0


def test_the_explorer_has_no_graph_to_export_where_f_fails(tmp_path):
    widget = explore(lambda w: w * (1 / (w.item() - 1)), w=(-5.0, 5.0)).set(w=1.0)
    with pytest.raises(ValueError, match="no graph to write at this position: .*ZeroDivisionError"):
        widget.export(tmp_path / "g.svg")
    assert os.listdir(tmp_path) == []
