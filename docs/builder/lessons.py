"""A committed, executed lesson as a page: its widgets recorded, its pictures described, its exercises with their hints.

`page_notebook(path, language, fragments)` gives the notebook that MyST-NB turns into the page.
"""

import hashlib
import re
from html import escape, unescape
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from seeing_gradients.course.exercises import exercise

from . import address
from .words import word

PICTURES = "_static/pictures"  # where the pictures of a lesson lie in the site of its language
_CHECK = re.compile(r'^check\("(\d\d\.\d+)"', re.MULTILINE)
_HOSTED = "colab-and-kaggle"  # the id of the cell that installs the course there
_NEEDS_KERNEL = re.compile(r"^progress\.show\(\)$|^selftest\(\)$", re.MULTILINE)  # about the learner's own computer
_SVG = "image/svg+xml"
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)(pt)?"[^>]*?\bheight="([\d.]+)(?:pt)?"')
_SIZE_REVERSED = re.compile(r'<svg\b[^>]*?\bheight="([\d.]+)(pt)?"[^>]*?\bwidth="([\d.]+)(?:pt)?"')


def page_notebook(
    path: Path, language: str, fragments: dict[str, str], pictures: Path, linked_address: str
) -> NotebookNode:
    """Return a lesson as the site shows it.

    Args:
        path: of the committed notebook.
        language: "en" or "zh".
        fragments: the HTML of each recorded widget, by the id of its cell.
        pictures: the folder to which the pictures are written.
        linked_address: of the repository, for links to Binder, Colab and the source; "" while it is unset.
    """
    made = nbformat.read(path, as_version=4)
    first, *cells = made.cells
    title, _, rest = first.source.partition("\n")
    links = _links(path, language, linked_address)
    first.source = f"{title}\n\n{_block('needs-kernel', word('no_kernel', language), links)}\n{rest}"
    made.cells = [first]
    for cell in cells:
        if cell.cell_type == "code" and (cell.id == _HOSTED or _NEEDS_KERNEL.search(cell.source)):
            continue
        made.cells.append(cell)
        if cell.cell_type == "code":
            if cell.metadata.get("jupyter", {}).get("outputs_hidden"):  # it answers a prediction: folded here, too
                cell.metadata["tags"] = [*cell.metadata.get("tags", ()), "hide-output"]
                cell.outputs = cell.outputs[1:]  # a pixel stands first, which says nothing in JupyterLab
            checked = _CHECK.search(cell.source)
            if checked:
                cell.outputs = []
                made.cells.append(new_markdown_cell(_hints(checked[1], language, links), id=f"hints-{cell.id}"))
            elif cell.id in fragments:
                cell.outputs = [*(o for o in cell.outputs if not _is_picture(o)), _html(fragments[cell.id])]
            else:
                cell.outputs = [_as_image(output, language, pictures) for output in cell.outputs]
    return made


def text_of(made: NotebookNode) -> str:
    """Return a notebook as the text of its file."""
    return nbformat.writes(made) + "\n"


def _links(path: Path, language: str, linked_address: str) -> str:
    """Where a lesson can be run, as HTML."""
    file = f"notebooks/{language}/{path.name}"
    places = [
        (address.binder_link(file, linked_address), "in_binder"),
        (address.colab_link(file, linked_address), "in_colab"),
        ("../guides/learners.html", "installed"),
    ]
    links = [f'<a href="{escape(link)}">{word(key, language)}</a>' for link, key in places if link]
    return " · ".join(links)


def _block(name: str, sentence: str, links: str) -> str:
    return f'<div class="site-{name}">{escape(sentence)} {links}</div>\n'


def _hints(id: str, language: str, links: str) -> str:
    """The hints of an exercise, folded one by one, and where its check can be run: HTML."""
    hints = [
        f'<details class="site-hint"><summary>{word("hint", language, step=step)}</summary>'
        f"<p>{_with_code(getattr(hint, language))}</p></details>"
        for step, hint in enumerate(exercise(id).hints, 1)
    ]
    return _block("needs-kernel", word("check", language), links) + "\n" + "\n".join(hints)


def _with_code(text: str) -> str:
    """A sentence as HTML; text between backticks becomes code."""
    parts = map(escape, " ".join(text.split()).split("`"))
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _is_picture(output: NotebookNode) -> bool:
    data = output.get("data", {})
    return _SVG in data or "text/html" in data


def _html(fragment: str) -> NotebookNode:
    return new_output("display_data", data={"text/html": fragment})


def _as_image(output: NotebookNode, language: str, pictures: Path) -> NotebookNode:
    """An output that holds an SVG as an image of its own file, with alternative text; any other output as it is."""
    svg = output.get("data", {}).get(_SVG)
    if svg is None:
        return output
    name = f"{hashlib.sha256(svg.encode()).hexdigest()[:16]}.svg"
    pictures.mkdir(parents=True, exist_ok=True)
    (pictures / name).write_text(svg, encoding="utf-8", newline="\n")
    width, height = _size(svg)
    alt = escape(alternative_text(svg, output["data"].get("text/plain", ""), language))
    image = f'<img src="../{PICTURES}/{name}" alt="{alt}" width="{width}" height="{height}" loading="lazy">'
    return _html(f'<div class="site-picture">{image}</div>')


def _size(svg: str) -> tuple[int, int]:
    """Width and height of an SVG in pixels."""
    match = _SIZE.search(svg)
    if match is None:
        reversed_match = _SIZE_REVERSED.search(svg)
        if reversed_match is None:
            raise ValueError(f"an SVG without a size: {svg[:200]}")
        height, unit, width = reversed_match.groups()
    else:
        width, unit, height = match.groups()
    scale = 4 / 3 if unit else 1  # Matplotlib gives points
    return round(float(width) * scale), round(float(height) * scale)


def alternative_text(svg: str, text: str, language: str) -> str:
    """Return what a picture shows, in words.

    Args:
        svg: str. Matplotlib draws each text as paths, and writes the text itself into a comment before them.
        text: str, the representation of what was shown: for our own pictures the values and gradients that they hold,
            for those of Matplotlib nothing but a size.
        language: "en" or "zh".
    """
    if not text.startswith("<Figure"):
        return text.strip()
    comments = [unescape(comment.strip()) for comment in re.findall(r"<!--(.*?)-->", svg, re.DOTALL)]
    texts = [
        comment for comment in comments if not re.fullmatch(r"[\s\d.,−+\-×$\\{}^a-z]*\d[\s\d.,−+\-×$\\{}^]*", comment)
    ]
    if not texts:
        return word("plot_without_texts", language)
    return word("plot", language, texts=", ".join(dict.fromkeys(texts)))
