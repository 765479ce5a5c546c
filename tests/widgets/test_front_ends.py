"""What front ends other than JupyterLab ask of a widget, by their documented rules."""

import json
import sys
from types import SimpleNamespace

import pytest
import torch
from anywidget import _util

from seeing_gradients import descend, explore, secant

WIDGETS = {
    "explore": lambda: explore(lambda w: w * w, w=(-5.0, 5.0)),
    "descend": lambda: descend(lambda w: w * w, w=(-3.0, 3.0), lr=0.1),
    "secant": lambda: secant(torch.sin, 1.0, h=0.1),
}
VIEW = "application/vnd.jupyter.widget-view+json"
CUSTOM = {"url": "https://ssl.gstatic.com/colaboratory-static/widgets/colab-cdn-widget-manager/manager.min.js"}


@pytest.fixture
def colab(monkeypatch):
    """How often Colab's custom widget manager was enabled, in a Python that looks like Colab's."""
    enabled = []
    output = SimpleNamespace(
        enable_custom_widget_manager=lambda: enabled.append(True),
        _widgets=SimpleNamespace(_installed_url=CUSTOM["url"]),
    )
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    _util.enable_custom_widget_manager_once.cache_clear()
    yield enabled
    _util.enable_custom_widget_manager_once.cache_clear()


@pytest.mark.parametrize("name", WIDGETS)
def test_in_colab_the_manager_of_custom_widgets_is_enabled_once_and_named_beside_the_view(colab, name):
    for _ in range(2):
        widget = WIDGETS[name]()
        data, metadata = widget._repr_mimebundle_()
        assert VIEW in data and metadata[VIEW]["colab"]["custom_widget_manager"] == CUSTOM
    assert colab == [True]


@pytest.mark.parametrize("name", WIDGETS)
def test_the_page_code_comes_with_the_widget_and_names_no_address(name):
    """VS Code and PyCharm run it without a CDN; marimo takes the same two texts."""
    state = WIDGETS[name]().get_state()
    code = state["_esm"] + state["_css"]
    for line in ("import(", "unpkg", "jsdelivr", "esm.sh", "@import", "url(http"):
        assert line not in code
    assert (state["_model_module"], state["_view_name"]) == ("anywidget", "AnyView")


@pytest.mark.parametrize("name", WIDGETS)
def test_a_picture_stands_beside_the_view_for_front_ends_that_show_no_widget(name):
    data, _ = WIDGETS[name]()._repr_mimebundle_()
    assert {"image/svg+xml", "text/html"} & set(data)
    json.dumps(data)
