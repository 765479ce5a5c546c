"""A Jupyter Server extension: pictures that stay visible, and sliders that answer at once.

`remove_shadowed_views`: JupyterLab prefers the live view of a widget and, once the kernel is gone, shows "Error displaying
widget: model not found" although a picture lies beside the view; such views are removed from what is written to disk,
while the open page keeps its live widgets. `trust_lessons`: JupyterLab shows no SVG of a notebook that it does not trust; the
course's own are signed. `without_delay`: a kernel's messages leave for the page as soon as they are ready.
Enabled for the whole environment by `etc/jupyter/jupyter_server_config.d/seeing-gradients.json`.
"""

from collections.abc import Set as AbstractSet
from logging import Logger
from pathlib import Path
from typing import Any

LESSONS = Path(__file__).resolve().parents[2] / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PICTURES = {"image/svg+xml", "image/png", "text/html"}  # text/plain is no picture: every widget has it, as a mere repr


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "seeing_gradients.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(remove_shadowed_views)
    settings = server.web_app.settings
    settings["kernel_websocket_connection_class"] = without_delay(settings["kernel_websocket_connection_class"])
    trust_lessons(server.contents_manager.notary, LESSONS, server.log)


async def _start_jupyter_server_extension(server: Any) -> None:
    # Once more, after all extensions are loaded: jupytext's installs a new contents manager. Twice does no harm.
    server.contents_manager.register_pre_save_hook(remove_shadowed_views)


def trust_lessons(notary: Any, folder: Path, log: Logger) -> None:
    """Sign the notebooks of the course, as `jupyter trust` does: they come from where this code comes from.

    Args:
        notary: NotebookNotary of nbformat.
        folder: Path, holds one folder per language; need not exist.
        log: Logger, for a notebook that cannot be read.
    """
    import nbformat

    for path in folder.glob("*/*.ipynb"):
        try:
            notebook = nbformat.read(path, as_version=4)
            if not notary.check_signature(notebook):
                notary.sign(notebook)
        except (OSError, ValueError) as error:
            log.warning("%s is not signed as trusted: %s", path, error)


def without_delay(connection_class: type) -> type:
    """Derive a class of kernel connections whose websocket sends small messages at once.

    A slider move is answered by three or four small messages. By default (Nagle's algorithm) the second waits until
    the page has acknowledged the first, which an operating system puts off by up to 40 ms.

    Args:
        connection_class: class, Jupyter Server's connection between a kernel and a page.

    Returns:
        A subclass of it.
    """

    class WithoutDelay(connection_class):
        def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return WithoutDelay


def remove_shadowed_views(model: dict[str, Any], **_: object) -> None:
    """Remove, from a notebook about to be saved, the widget views that have a picture beside them.

    Args:
        model: dict, contents model of Jupyter Server, changed in place; anything but a notebook stays as it is.
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
    """Drop the saved models that only the removed views need; drop an empty store altogether."""
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
    """The ids of the models in `state` that `roots` refer to, directly or through others ("IPY_MODEL_<id>")."""
    reached, queue = set(), list(roots & state.keys())
    while queue:
        model_id = queue.pop()
        if model_id not in reached:
            reached.add(model_id)
            queue += _references(state[model_id].get("state", {})) & state.keys()
    return reached


def _references(value: Any) -> set[str]:
    """The model ids named anywhere inside a JSON value."""
    if isinstance(value, str):
        return {value.removeprefix("IPY_MODEL_")} if value.startswith("IPY_MODEL_") else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_references, parts))
