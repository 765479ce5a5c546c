"""`python -m docs.builder`: build the site into build/site. Names such as 02 record the explorers of these lessons alone."""

import argparse
import gc
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/no_grammars"))  # two seconds of each process

from . import address, api, guides, lessons, recordings
from .address import ROOT
from .words import LANGUAGES, word

SITE = ROOT / "build/site"
_INPUTS = ("docs", "notebooks", "src/seeing_gradients", "helpers", "README.md", "README.zh-CN.md", "CONTRIBUTING.md")
_INPUTS += ("CHANGELOG.md", "pyproject.toml", "package-lock.json", "tests/bench/REPORT.md")
_WIDGET = "<!-- widget {name} -->"


def main(arguments: list[str] | None = None) -> int:
    """Build the site; return the exit status: 0, or that of Sphinx if it fails or warns of anything."""
    parser = argparse.ArgumentParser(prog="python -m docs.builder", description=(__doc__ or "").split("`: ")[1])
    parser.add_argument("lessons", nargs="*", help="whose explorers to record; the others keep their last recording")
    parser.add_argument("--to", type=Path, default=SITE, help="the folder of the finished site")
    options = parser.parse_args(arguments)
    return build(options.lessons, options.to.resolve())


def build(names: Sequence[str] = (), site: Path = SITE) -> int:
    """Build the site unless the one that is there was built of the same files.

    Args:
        names: beginnings of the names of lessons whose widgets are recorded; a lesson that was not recorded before has
            its static pictures. All lessons if there are none.
        site: the folder to build it in; what Sphinx reads and remembers lies beside it.
    """
    began = time.monotonic()
    if is_current(site, names):
        return 0
    stamp = site / "built.json"
    stamp.unlink(missing_ok=True)
    stems = sorted(path.stem for path in (ROOT / "notebooks/en").glob("*.ipynb"))
    chosen = [stem for stem in stems if not names or stem.startswith(tuple(names))]
    recordings.import_once()
    jobs = [(name, language) for name in [*stems, recordings.FRONT] for language in LANGUAGES]
    wanted = [job for job in jobs if job[0] in (*chosen, recordings.FRONT)]
    fragments = recordings.record_all(jobs, wanted, report=lambda text: print(text, flush=True))
    work = site.with_name(f"{site.name}-work")
    for language in LANGUAGES:
        write_source(work / language, language, {job[0]: made for job, made in fragments.items() if job[1] == language})
    status = run_sphinx(work, site)
    if status == 0:
        for language in LANGUAGES:
            write_players(site / language / "_static")
            copy_pictures(work / language / lessons.PICTURES, site / language / lessons.PICTURES)
        write_entrance(site)
        stamp.write_text(json.dumps({"inputs": _digest(), "lessons": sorted(names)}), encoding="utf-8")
        print(f"{site / 'index.html'}, {time.monotonic() - began:.0f} s")
    return status


def is_current(site: Path, names: Sequence[str] = ()) -> bool:
    """Return whether a site was built of the files as they are, with the explorers of these lessons, or of all."""
    stamp = site / "built.json"
    if not stamp.exists():
        return False
    built = json.loads(stamp.read_text(encoding="utf-8"))
    return built["inputs"] == _digest() and built["lessons"] in ([], sorted(names))


def _digest() -> str:
    """A hash of every file that the site is made of."""
    digest = hashlib.sha256()
    for name in _INPUTS:
        base = ROOT / name
        for path in [base] if base.is_file() else sorted(base.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def write_source(folder: Path, language: str, fragments: dict[str, recordings.Fragments]) -> None:
    """Write what Sphinx reads for one language; files that do not change keep their time, so that Sphinx skips them.

    Args:
        folder: to write them to.
        language: "en" or "zh".
        fragments: the recorded widgets of each lesson, and of the front page.
    """
    written = Writer(folder)
    for name in fragments.keys() - {recordings.FRONT}:
        path = ROOT / f"notebooks/{language}/{name}.ipynb"
        made = lessons.page_notebook(path, language, fragments[name], folder / lessons.PICTURES, address.repository())
        written.write(f"lessons/{name}.ipynb", lessons.text_of(made))
    for page in guides.PAGES:
        written.write(f"{page.name}.md", guides.markdown(page, language))
    for package in ("seeing_gradients", "helpers"):
        written.write(f"api/{package}.md", api.markdown(package, language))
    for path in sorted((ROOT / f"docs/pages/{language}").rglob("*.md")):
        name = path.relative_to(ROOT / f"docs/pages/{language}").with_suffix("").as_posix()
        text = guides.own_page(path, name, language)
        for key, fragment in fragments[recordings.FRONT].items():
            text = text.replace(_WIDGET.format(name=key), f"```{{raw}} html\n{fragment}\n```")
        written.write(f"{name}.md", text)
    for picture in guides.pictures():
        written.copy(picture, f"pictures/{picture.name}")
    written.remove_others(keep=folder / lessons.PICTURES)


class Writer:
    """Writes the files of a folder, and in the end removes those that it did not write.

    Args:
        folder: Path.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: set[Path] = set()

    def write(self, name: str, text: str) -> None:
        """Write a text unless the file holds it already."""
        path = self._claim(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")

    def copy(self, source: Path, name: str) -> None:
        """Copy a file unless it is there."""
        path = self._claim(name)
        if not path.exists() or path.read_bytes() != source.read_bytes():
            shutil.copyfile(source, path)

    def remove_others(self, keep: Path) -> None:
        """Remove what earlier builds left, except in the folder `keep`."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in self._written and keep not in path.parents:
                path.unlink()

    def _claim(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._written.add(path)
        return path


def run_sphinx(work: Path, site: Path) -> int:
    """Run Sphinx once for each language, at the same time; return 0, or an exit status that is not.

    Args:
        work: the folder that holds what Sphinx reads, for each language, and what it remembers.
        site: the folder of the finished site.
    """
    processes = recordings.forked()
    running = [processes.Process(target=_run_sphinx, args=(work, site, language)) for language in LANGUAGES]
    for process in running:
        process.start()
    for process in running:
        process.join()
    return max(abs(process.exitcode or 0) for process in running)


def _run_sphinx(work: Path, site: Path, language: str) -> None:
    from sphinx.cmd.build import build_main

    gc.freeze()  # the collector would go through PyTorch and all that is imported, again and again: a fifth of the time
    gc.set_threshold(200_000, 50)
    options = ["-q", "-W", "--keep-going", "-b", "html", "-t", language, "-c", str(ROOT / "docs")]
    options += ["-d", str(work / f"doctrees-{language}"), str(work / language), str(site / language)]
    sys.exit(build_main(options))


def write_players(folder: Path) -> None:
    """Write the script and the style of all recorded widgets."""
    from seeing_gradients.widgets.recorded import shared_script, shared_style

    (folder / "recorded.js").write_text(shared_script(), encoding="utf-8")
    (folder / "recorded.css").write_text(shared_style(), encoding="utf-8")


def copy_pictures(made: Path, shown: Path) -> None:
    """Put the pictures of the lessons in place of those of an earlier build."""
    shutil.rmtree(shown, ignore_errors=True)
    if made.is_dir():
        shutil.copytree(made, shown)


def write_entrance(site: Path) -> None:
    """Write the page that leads to the site in the reader's language, and what GitHub Pages must know."""
    links = "".join(
        f'<p><a href="{language}/index.html" lang="{language}">{word("choose", language)}</a></p>'
        for language in LANGUAGES
    )
    script = 'location.replace((navigator.language.startsWith("zh") ? "zh" : "en") + "/index.html" + location.hash);'
    (site / "index.html").write_text(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{word("title", "en")} · {word("title", "zh")}'
        f'</title><link rel="icon" href="en/_static/favicon.svg"><meta name="viewport" content="width=device-width, initial-scale=1"></head>\n'
        f"<body><main><h1>{word('title', 'en')}</h1>{links}</main><script>{script}</script></body></html>\n",
        encoding="utf-8",
    )
    (site / ".nojekyll").touch()  # GitHub Pages would leave out every folder whose name begins with _


if __name__ == "__main__":
    sys.exit(main())
