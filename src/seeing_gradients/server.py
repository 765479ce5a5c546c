"""A Jupyter Server extension: saved pictures stay visible, and sliders respond without delay.

`remove_shadowed_views`: where a notebook contains both the view of a widget and a picture, JupyterLab shows the view,
which without a kernel is "Error displaying widget: model not found". Such views are therefore removed when a
notebook is saved; the open page keeps its live widgets.
`trust_lessons`: JupyterLab shows no SVG of an untrusted notebook, so a notebook of the course is signed when it is opened.
`without_delay`: messages from a kernel are sent to the page at once.
`announce`: a server that `make lab` started prints its address when it is ready.

`etc/jupyter/jupyter_server_config.d/seeing-gradients.json` enables the extension for the whole environment.
"""

import filecmp
import glob
import os
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

LESSONS = Path(__file__).resolve().parents[2] / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PICTURES = {"image/svg+xml", "image/png", "text/html"}  # not text/plain, the repr that every widget has


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "seeing_gradients.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(remove_shadowed_views)
    settings = server.web_app.settings
    settings["kernel_websocket_connection_class"] = without_delay(settings["kernel_websocket_connection_class"])
    trust_lessons(server.contents_manager, LESSONS)


async def _start_jupyter_server_extension(server: Any) -> None:
    # Both again after all extensions are loaded, since jupytext replaces the contents manager. Twice has no effect.
    server.contents_manager.register_pre_save_hook(remove_shadowed_views)
    trust_lessons(server.contents_manager, LESSONS)
    announce(server)


def trust_lessons(manager: Any, folder: Path) -> None:
    """Sign each notebook of the course, or a copy of it, when it is first opened, as `jupyter trust` does.

    They are as trustworthy as this code. A copy is one whose file has the same bytes. All of them together take more than a second, for which a learner who starts
    the server need not wait.

    Args:
        manager: jupyter_server's ContentsManager; its method `mark_trusted_cells` is replaced.
        folder: Path, contains a folder of notebooks per language; may be missing.
    """
    mark, signed = manager.mark_trusted_cells, set()

    def sign_and_mark(notebook: Any, path: str = "") -> None:
        file = Path(manager.root_dir, path)
        if path not in signed and file.suffix == ".ipynb" and _is_lesson(file, folder):
            signed.add(path)
            manager.notary.sign(notebook)
        mark(notebook, path)

    manager.mark_trusted_cells = sign_and_mark


def _is_lesson(file: Path, folder: Path) -> bool:
    """Whether a file is a notebook of the course, or a copy as it was committed."""
    if file.resolve().parent.parent == folder:
        return True
    lessons = [lesson for lesson in folder.glob(f"*/{glob.escape(file.name)}") if lesson.is_file()]
    return file.is_file() and any(filecmp.cmp(file, lesson, shallow=False) for lesson in lessons)


def announce(server: Any) -> None:
    """Print the sentence that `make lab` left in the environment, with the address of the server.

    Args:
        server: jupyter_server's ServerApp, which already listens.
    """
    sentence = os.environ.get("SEEING_GRADIENTS_READY")
    if sentence:
        print(sentence.replace("{address}", server.public_url), flush=True)


def without_delay(connection_class: type) -> type:
    """Return a subclass of a kernel connection whose websocket sends small messages at once (TCP_NODELAY).

    The kernel answers a slider move with three or four small messages. By default (Nagle's algorithm) the second one
    waits until the page has acknowledged the first, which the operating system delays by up to 40 ms.

    Args:
        connection_class: class, Jupyter Server's connection between a kernel and a page.
    """

    class WithoutDelay(connection_class):
        def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return WithoutDelay


def remove_shadowed_views(model: dict[str, Any], **_: object) -> None:
    """Remove the widget views that have a picture beside them from a notebook that is about to be saved.

    Args:
        model: dict, contents model of Jupyter Server, changed in place; other files than notebooks stay as they are.
    """
    if model.get("type") != "notebook" or not model.get("content"):
        return
    notebook = model["content"]
    bundles = [output.get("data", {}) for cell in notebook.get("cells", []) for output in cell.get("outputs", [])]
    removed = {bundle.pop(VIEW)["model_id"] for bundle in bundles if VIEW in bundle and PICTURES & bundle.keys()}
    remaining = {bundle[VIEW]["model_id"] for bundle in bundles if VIEW in bundle}
    if removed:
        _prune_state(notebook.get("metadata", {}), removed, remaining)


def _prune_state(metadata: dict[str, Any], removed: set[str], remaining: set[str]) -> None:
    """Delete the saved widget models that only the removed views need, and the metadata if no model is left.

    Args:
        metadata: dict, of the notebook, changed in place.
        removed: ids of the models whose views were removed.
        remaining: ids of the models that still have a view.
    """
    state = metadata.get("widgets", {}).get(STATE, {}).get("state")
    if state is None:
        return
    dropped = _reachable(state, removed)
    dropped -= _reachable(state, remaining | (state.keys() - dropped))
    for model_id in dropped:
        del state[model_id]
    if not state:
        del metadata["widgets"][STATE]
    if not metadata["widgets"]:
        del metadata["widgets"]


def _reachable(state: dict[str, Any], roots: AbstractSet[str]) -> set[str]:
    """The ids of the models in `state` that are in `roots` or that those refer to, directly or not."""
    reached, queue = set(), list(roots & state.keys())
    while queue:
        model_id = queue.pop()
        if model_id not in reached:
            reached.add(model_id)
            queue += _references(state[model_id].get("state", {})) & state.keys()
    return reached


def _references(value: Any) -> set[str]:
    """The ids of models that a JSON value refers to, by strings of the form "IPY_MODEL_<id>"."""
    if isinstance(value, str):
        return {value.removeprefix("IPY_MODEL_")} if value.startswith("IPY_MODEL_") else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_references, parts))
