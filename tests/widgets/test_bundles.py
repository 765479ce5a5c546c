"""The bundles of JavaScript and CSS that are sent to the page, and whether they are up to date with their sources."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

import seeing_gradients
from seeing_gradients.widgets.bundles import load_script, load_style

WIDGETS = Path(seeing_gradients.__file__).parent / "widgets"
STATIC = WIDGETS / "static"
COURSE = WIDGETS.parents[2]
WIDGET_NAMES = ["explore", "descend", "predict", "secant", "watch"]
NAMES = [*WIDGET_NAMES, "verdict", "recorded"]


def declared(css, selector):
    """The names of the properties that rules with exactly this selector set."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules = re.findall(rf"(?:^|}})\s*{re.escape(selector)}\s*{{([^}}]*)", css)
    return {line.partition(":")[0].strip() for rule in rules for line in rule.split(";") if ":" in line}


def sources_hash(widget):
    """The hash that bundle.mjs writes into the first line of a widget's bundles."""
    shown = [*WIDGET_NAMES, "recorded"] if widget == "recorded" else [widget]  # a page of recordings shows them all
    folders = ("page", *shown)
    paths = [path for folder in folders for path in (WIDGETS / folder).rglob("*") if path.suffix in (".js", ".css")]
    texts = {path.relative_to(WIDGETS).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    joined = "".join(f"{name}\n{texts[name]}\n" for name in sorted(texts))
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", WIDGET_NAMES)
def test_no_widget_overrides_the_shared_style_of_the_card(name):
    """Each bundle contains the style of the card; if widgets overrode it, the result would depend on their order."""
    css = load_style(name)
    card, own = declared(css, ".sg-widget"), declared(css, f".sg-{name}")
    assert own and card & own == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["js", "css"])
def test_a_bundle_is_of_the_sources_as_they_are(name, suffix):
    first, _, _ = (STATIC / f"{name}.{suffix}").read_text(encoding="utf-8").partition("\n")
    assert sources_hash(name) in first, "the page's code changed: run `make js`"


@pytest.mark.needs("node")
def test_bundling_again_gives_the_same_bytes(tmp_path):
    subprocess.run(["node", WIDGETS / "bundle.mjs", tmp_path], check=True, cwd=COURSE)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert built == {name: (STATIC / name).read_bytes() for name in built} and len(built) == 2 * len(NAMES)


@pytest.mark.needs("node")
def test_the_page_s_pure_functions_pass_their_own_tests():
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((COURSE / "tests/js").glob("*.test.js"))}
    hooked = [path for path, text in texts.items() if re.search("^(before|after)", text, re.MULTILINE)]
    others = [path for path in texts if path not in hooked]
    # Most run in one process: `node --test` starts one for each file, ten times the work. Hooks would run for all files.
    code = "".join(f"await import({json.dumps(path.as_uri())});\n" for path in others)
    for options, paths in ((["--input-type=module", "--eval", code], others), (["--test", *hooked], hooked)):
        command = ["node", "--test-reporter=tap", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=COURSE)
        assert len(paths) > 2 and done.returncode == 0, done.stdout + done.stderr
        count = sum(len(re.findall(r"^test\(", texts[path], re.MULTILINE)) for path in paths)
        assert f"\n# pass {count}\n" in done.stdout


def test_the_tools_are_pinned_and_come_from_whatever_registry_is_set_up():
    package = json.loads((COURSE / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"[\d.]+", version) for version in package["devDependencies"].values())
    assert "resolved" not in (COURSE / "package-lock.json").read_text(encoding="utf-8")


def test_work_on_the_page_gets_a_path_that_anywidget_watches(monkeypatch):
    monkeypatch.setenv("ANYWIDGET_HMR", "1")
    assert load_script("explore") == STATIC / "explore.js"
