"""A Jupyter Server extension: pictures that stay visible, and sliders that answer at once.

`keep_pictures`: JupyterLab prefers the live view of a widget and, once the kernel is gone, shows "Error displaying
widget: model not found" although a picture lies beside the view; such views are taken out of what is written to disk,
while the open page keeps its live widgets. `trust_lessons`: it shows no SVG of a notebook that it does not trust; the
course's own are signed. `prompt`: a kernel's messages leave for the page as soon as they are there.
Enabled for the whole environment by `etc/jupyter/jupyter_server_config.d/seeing-gradients.json`.
"""

from pathlib import Path

LESSONS = Path(__file__).resolve().parents[2] / "notebooks"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
TWINS = {"image/svg+xml", "image/png", "text/html"}  # text/plain is no twin: every widget has it, as a mere repr


def _jupyter_server_extension_points():
    return [{"module": "seeing_gradients.server"}]


def _load_jupyter_server_extension(server):
    server.contents_manager.register_pre_save_hook(keep_pictures)
    settings = server.web_app.settings
    settings["kernel_websocket_connection_class"] = prompt(settings["kernel_websocket_connection_class"])
    trust_lessons(server.contents_manager.notary, LESSONS, server.log)


async def _start_jupyter_server_extension(server):
    # Once more, after all extensions are loaded: jupytext's puts a new contents manager in place. Twice does no harm.
    server.contents_manager.register_pre_save_hook(keep_pictures)


def trust_lessons(notary, folder, log):
    """Sign the notebooks of the course, as `jupyter trust` does: they come from where this code comes from.

    Args:
        notary: NotebookNotary.
        folder: Path, holds one folder a language; need not exist.
        log: Logger, told of a notebook that cannot be read.
    """
    import nbformat

    for path in folder.glob("*/*.ipynb"):
        try:
            notebook = nbformat.read(path, as_version=4)
            if not notary.check_signature(notebook):
                notary.sign(notebook)
        except (OSError, ValueError) as error:
            log.warning("%s is not signed as trusted: %s", path, error)


def prompt(connection_class):
    """Derive a class of kernel connections whose websocket sends small messages at once.

    A slider move is answered by three or four small messages. By default (Nagle's algorithm) the second waits until
    the page has acknowledged the first, which an operating system puts off by up to 40 ms.

    Args:
        connection_class: class, Jupyter Server's connection between a kernel and a page.

    Returns:
        A subclass of it.
    """

    class Prompt(connection_class):
        def connect(self):
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return Prompt


def keep_pictures(model, **_):
    """Remove, from a notebook about to be saved, the widget views that have a picture beside them.

    Args:
        model: dict, contents model of Jupyter Server, changed in place; anything but a notebook is left alone.
    """
    if model.get("type") != "notebook" or not model.get("content"):
        return
    notebook = model["content"]
    bundles = [output.get("data", {}) for cell in notebook.get("cells", []) for output in cell.get("outputs", [])]
    removed = {bundle.pop(VIEW)["model_id"] for bundle in bundles if VIEW in bundle and TWINS & bundle.keys()}
    kept = {bundle[VIEW]["model_id"] for bundle in bundles if VIEW in bundle}
    if removed:
        _prune_state(notebook.get("metadata", {}), removed, kept)


def _prune_state(metadata, removed, kept):
    """Drop the saved models that only the removed views need; drop an empty store altogether."""
    state = metadata.get("widgets", {}).get(STATE, {}).get("state")
    if state is None:
        return
    dropped = _reachable(state, removed)
    dropped -= _reachable(state, kept | (state.keys() - dropped))
    for model_id in dropped:
        del state[model_id]
    if not state:
        del metadata["widgets"][STATE]
    if not metadata["widgets"]:
        del metadata["widgets"]


def _reachable(state, roots):
    """The ids of the models in `state` that `roots` refer to, directly or through others ("IPY_MODEL_<id>")."""
    found, waiting = set(), list(roots & state.keys())
    while waiting:
        model_id = waiting.pop()
        if model_id not in found:
            found.add(model_id)
            waiting += _references(state[model_id].get("state", {})) & state.keys()
    return found


def _references(value):
    """The model ids named anywhere inside a JSON value."""
    if isinstance(value, str):
        return {value.removeprefix("IPY_MODEL_")} if value.startswith("IPY_MODEL_") else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_references, parts))
