"""The pictures of the READMEs, made anew: `python3 helpers run -m tests.browser.pictures` writes them into docs/."""

import tempfile
from pathlib import Path

import torch

from helpers import draw, language
from tests.models import WORDS, transformer

from . import lab, page
from .explorer import SQUARED_ERROR, find, go_to

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILES = {"en": "explorer.png", "zh": "explorer.zh.png"}
STEP = 10  # MulBackward0 sends two gradients on


def main():
    with tempfile.TemporaryDirectory() as root, lab.serve(root) as server, page.chromium() as browser:
        for chosen, file in FILES.items():
            lab.write_notebook(Path(root, "picture.ipynb"), SQUARED_ERROR.format(language=chosen))
            with page.open_notebook(browser, server, "picture.ipynb", device_scale_factor=2) as notebook:
                page.run_all(notebook)
                _take(notebook, DOCS / file)
    language.use("en")
    model, tokens = transformer()
    draw(model, tokens, gradient=torch.ones(*tokens.shape, WORDS), max_seconds=60, path=DOCS / "model.png")


def _take(notebook, path):
    explorer = find(notebook)
    go_to(explorer, STEP)
    explorer.locator(".sg-step-slider").blur()  # no ring of the focus
    explorer.screenshot(path=path)


if __name__ == "__main__":
    main()
