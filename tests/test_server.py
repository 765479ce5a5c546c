"""What the save hook writes to disk, through a real contents manager of Jupyter Server."""

import asyncio
import copy
import json
import logging
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.config import ExtensionConfigManager
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from nbformat.sign import NotebookNotary

from seeing_gradients import server

PICTURE = {"image/svg+xml": "<svg/>", "text/plain": "explore"}


def view(model_id):
    return {server.VIEW: {"model_id": model_id, "version_major": 2, "version_minor": 1}}


def notebook(*bundles, state=None):
    outputs = [nbformat.v4.new_output("display_data", data=dict(bundle)) for bundle in bundles]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("explore(f)", outputs=outputs)])
    if state is not None:
        made.metadata["widgets"] = {server.STATE: {"version_major": 2, "version_minor": 0, "state": state}}
    return made


def widget(**references):
    return {"model_name": "AnyModel", "model_module": "anywidget", "state": references}


def notary(folder):
    """A notary with a key and a memory of its own."""
    return NotebookNotary(data_dir=str(folder), db_file=":memory:", secret=b"of this test")


@pytest.fixture
def app(tmp_path):
    """As much of a server as the extension touches, with the extension loaded."""
    settings = {"kernel_websocket_connection_class": ZMQChannelsWebsocketConnection}
    manager = FileContentsManager(root_dir=str(tmp_path))
    manager.notary = notary(tmp_path)
    log = logging.getLogger("test_server")
    app = SimpleNamespace(contents_manager=manager, web_app=SimpleNamespace(settings=settings), log=log)
    server._load_jupyter_server_extension(app)
    return app


@pytest.fixture
def contents(app):
    """A contents manager with the hook, serving a temporary directory."""
    return app.contents_manager


def saved(contents, notebook):
    """Save `notebook` as a front end does, and return what is on disk."""
    contents.save({"type": "notebook", "format": "json", "content": json.loads(json.dumps(notebook))}, "lesson.ipynb")
    return nbformat.read(contents.root_dir + "/lesson.ipynb", as_version=4)


def data(notebook):
    return [dict(output.data) for output in notebook.cells[0].outputs]


@pytest.mark.parametrize("mime", sorted(server.PICTURES))
def test_a_view_beside_a_picture_is_saved_as_the_picture_alone(contents, mime):
    twin = {mime: "the picture", "text/plain": "explore"}
    assert data(saved(contents, notebook(view("a") | twin))) == [twin]


def test_a_view_that_has_only_its_repr_is_saved_as_it_is(contents):
    slider = view("a") | {"text/plain": "IntSlider(value=0)"}
    assert data(saved(contents, notebook(slider))) == [slider]


def test_outputs_without_a_view_are_saved_as_they_are(contents):
    before = notebook(PICTURE, {"text/plain": "3"})
    before.cells[0].outputs += [
        nbformat.v4.new_output("stream", text="hello"),
        nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[]),
    ]
    before.cells.append(nbformat.v4.new_markdown_cell("prose"))
    assert saved(contents, before) == before


def test_the_models_of_removed_views_are_removed_with_what_only_they_refer_to(contents):
    state = {
        "ours": widget(layout="IPY_MODEL_own", style={"deep": ["IPY_MODEL_shared"]}),
        "own": widget(),
        "theirs": widget(children=["IPY_MODEL_shared"]),
        "shared": widget(),
        "link": widget(source=["IPY_MODEL_theirs", "value"]),
    }
    after = saved(contents, notebook(view("ours") | PICTURE, view("theirs") | {"text/plain": "Box()"}, state=state))
    assert after.metadata.widgets[server.STATE].state.keys() == {"theirs", "shared", "link"}


def test_models_that_refer_to_each_other_are_removed_together(contents):
    state = {"ours": widget(partner="IPY_MODEL_other"), "other": widget(partner="IPY_MODEL_ours")}
    assert "widgets" not in saved(contents, notebook(view("ours") | PICTURE, state=state)).metadata


def test_a_model_shown_elsewhere_without_a_picture_keeps_its_state(contents):
    both = notebook(view("a") | PICTURE, view("a") | {"text/plain": "repr"}, state={"a": widget()})
    assert saved(contents, both).metadata.widgets[server.STATE].state.keys() == {"a"}


def test_widget_state_stays_where_no_view_is_removed(contents):
    before = notebook({"text/plain": "3"}, state={"a": widget()})
    assert saved(contents, before).metadata == before.metadata


def test_saving_twice_gives_the_same_file(contents):
    live = notebook(view("a") | PICTURE)
    first = copy.deepcopy(saved(contents, live))
    assert saved(contents, live) == first


def test_the_saved_file_is_signed_as_trusted_like_the_page_it_came_from(contents):
    live = notebook(view("a") | PICTURE)
    live.cells[0].metadata["trusted"] = True
    assert contents.notary.check_signature(saved(contents, live))


def test_text_files_and_directories_are_saved_as_they_are(contents, tmp_path):
    contents.save({"type": "directory"}, "folder")
    contents.save({"type": "file", "format": "text", "content": server.VIEW}, "folder/notes.txt")
    assert (tmp_path / "folder/notes.txt").read_text(encoding="utf-8") == server.VIEW


def test_a_contents_manager_that_another_extension_puts_in_place_later_has_the_hook_too(app, tmp_path):
    app.contents_manager = FileContentsManager(root_dir=str(tmp_path))
    asyncio.run(server._start_jupyter_server_extension(app))
    assert data(saved(app.contents_manager, notebook(view("a") | PICTURE))) == [PICTURE]


def test_a_hook_of_the_learners_own_runs_too(contents):
    seen = []
    contents.pre_save_hook = lambda **arguments: seen.append(arguments["path"])
    assert data(saved(contents, notebook(view("a") | PICTURE))) == [PICTURE]
    assert seen == ["lesson.ipynb"]


def test_a_notebook_the_hook_cannot_read_is_saved_all_the_same_and_the_error_logged(contents, caplog):
    strange = notebook({server.VIEW: {"no": "model id"}} | PICTURE)
    contents.log.propagate = True
    assert saved(contents, strange).cells[0].source == "explore(f)"
    assert "Pre-save hook remove_shadowed_views failed on lesson.ipynb" in caplog.text


@pytest.fixture
def course(tmp_path):
    """A contents manager over a folder with one lesson and one notebook of somebody else, neither of them signed."""
    (tmp_path / "lessons/en").mkdir(parents=True)
    nbformat.write(notebook(PICTURE), tmp_path / "lessons/en/00_start.ipynb")
    nbformat.write(notebook({"image/svg+xml": "<svg onload='alert()'/>"}), tmp_path / "stranger.ipynb")
    manager = FileContentsManager(root_dir=str(tmp_path))
    manager.notary = notary(tmp_path)
    server.trust_lessons(manager, tmp_path / "lessons")
    return manager


def is_trusted(manager, path):
    return manager.get(path)["content"].cells[0].metadata["trusted"]


def test_a_lesson_that_is_opened_is_trusted_and_no_other_notebook(course):
    assert is_trusted(course, "lessons/en/00_start.ipynb")
    assert not is_trusted(course, "stranger.ipynb")


def test_a_lesson_that_changes_on_disk_while_the_server_runs_is_no_longer_trusted(course, tmp_path):
    assert is_trusted(course, "lessons/en/00_start.ipynb")
    nbformat.write(notebook({"image/svg+xml": "<svg onload='alert()'/>"}), tmp_path / "lessons/en/00_start.ipynb")
    assert not is_trusted(course, "lessons/en/00_start.ipynb")


def test_without_the_lessons_beside_it_the_package_trusts_nothing_and_does_not_fail(course, tmp_path):
    server.trust_lessons(course, tmp_path / "nowhere")
    assert not is_trusted(course, "stranger.ipynb")


def test_a_server_that_make_lab_started_says_its_address_last(app, monkeypatch, capsys):
    app.public_url = "http://localhost:8888/lab"
    asyncio.run(server._start_jupyter_server_extension(app))
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("SEEING_GRADIENTS_READY", "open {address}")
    asyncio.run(server._start_jupyter_server_extension(app))
    assert capsys.readouterr().out == "open http://localhost:8888/lab\n"


def test_the_websocket_of_a_kernel_sends_without_delay_and_then_connects_as_ever():
    calls = []
    handler = SimpleNamespace(set_nodelay=lambda on: calls.append(("nodelay", on)))
    plain = type(
        "Plain", (), {"websocket_handler": handler, "connect": lambda self: calls.append("connect") or "future"}
    )
    assert server.without_delay(plain)().connect() == "future"
    assert calls == [("nodelay", True), "connect"]


def test_the_server_uses_the_prompt_connection(app):
    used = app.web_app.settings["kernel_websocket_connection_class"]
    assert issubclass(used, ZMQChannelsWebsocketConnection)
    assert used.connect is not ZMQChannelsWebsocketConnection.connect


def test_installing_the_package_enables_the_extension():
    listed = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    assert listed["seeing_gradients.server"] is True


def test_loading_the_extension_imports_nothing_heavy():
    code = "import seeing_gradients.server, sys; print({'torch', 'matplotlib', 'numpy', 'ipywidgets'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"set()"
