"""A Sphinx extension that sets formulas while the site is built, by KaTeX: a page needs no script for them, and no network.

KaTeX is one of the packages that package.json names; its style sheet and its fonts are copied into the site.
"""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "node_modules/katex"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer, and the files that the pages need."""
    app.add_html_math_renderer("katex", (_visit_inline, None), (_visit_block, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("build-finished", _copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@cache
def _server() -> "subprocess.Popen[str]":
    """The Node process that sets the formulas of this process, until it ends."""
    node = shutil.which("node")
    if node is None or not PACKAGE.is_dir():
        raise ExtensionError(
            "the formulas of the site need node, and the packages of package.json: npm ci --ignore-scripts"
        )
    return subprocess.Popen(
        [node, str(HERE / "katex.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


@cache
def render(text: str, display: bool) -> str:
    """Return a formula as HTML, with MathML for screen readers.

    Args:
        text: str, LaTeX.
        display: bool, a formula on a line of its own.

    Raises:
        ExtensionError: KaTeX cannot read it, or Node is missing.
    """
    server = _server()
    assert server.stdin and server.stdout
    server.stdin.write(json.dumps({"text": text, "display": display}) + "\n")
    server.stdin.flush()
    answer = json.loads(server.stdout.readline())
    if "error" in answer:
        raise ExtensionError(f"KaTeX: {answer['error']} in {text!r}")
    return answer["html"]


def _visit_inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(render(node.astext(), False))
    raise nodes.SkipNode


def _visit_block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math" tabindex="0">{render(node.astext(), True)}</div>')
    raise nodes.SkipNode


def _copy_files(app: Sphinx, error: Exception | None) -> None:
    if error is None:
        folder = Path(app.outdir) / "_static/katex"
        (folder / "fonts").mkdir(parents=True, exist_ok=True)
        for font in (PACKAGE / "dist/fonts").glob("*.woff2"):
            shutil.copyfile(font, folder / "fonts" / font.name)
        style = (PACKAGE / "dist/katex.min.css").read_text(encoding="utf-8")
        style = re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\(\"\w+\"\)", "", style)  # older formats of each font
        (folder / "katex.min.css").write_text(style, encoding="utf-8")
