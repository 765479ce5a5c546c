"""Models: every node knows its nn.Module, every parameter's gradient is PyTorch's, and folding loses nothing."""

import random
import threading

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers import draw, explore, record
from seeing_gradients.picture.folding import fold, keys, tree
from seeing_gradients.picture.scene import scene, texts, topology
from seeing_gradients.recorder import Edge, Node, Record, RecordingLimitError, Scope, Snapshot, VectorOutputError
from tests.models import CLASSES, LAYERS, WORDS, Fails, Shared, resnet, transformer

LAYERS_KEY = f"encoder.layers.0..encoder.layers.{LAYERS - 1}"


@pytest.fixture(scope="module")
def language_model():
    model, tokens = transformer()
    return model, tokens, record(model, tokens, gradient=torch.ones(2, 8, WORDS), max_seconds=60)


@pytest.fixture(scope="module")
def image_model():
    model, images = resnet()
    model.eval()
    return model, images, record(model, images, gradient=torch.ones(2, CLASSES), max_seconds=60)


def plain_grads(model, batch, gradient):
    """What PyTorch alone gives: dict from dotted name to gradient."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(model(batch), parameters, gradient), strict=True))


@pytest.mark.parametrize("which", ["language_model", "image_model"])
def test_the_gradient_of_every_parameter_is_pytorchs(which, request):
    model, batch, taken = request.getfixturevalue(which)
    wanted = plain_grads(model, batch, torch.ones_like(taken.output))
    assert taken.parameters.keys() == wanted.keys()
    for name, grad in wanted.items():
        torch.testing.assert_close(taken.parameters[name], grad)


def test_a_parameter_is_a_leaf_with_its_dotted_path_in_the_module_that_uses_it(language_model):
    taken = language_model[2]
    node = next(n for n in taken.nodes if n.name == "encoder.layers.3.linear1.weight")
    assert node.kind == "leaf"
    assert [scope.path for scope in node.module] == ["encoder", "encoder.layers.3", "encoder.layers.3.linear1"]
    assert [scope.kind for scope in node.module] == ["TransformerEncoder", "TransformerEncoderLayer", "Linear"]


def test_inputs_lie_in_no_module_and_every_other_node_of_a_model_in_one(language_model):
    taken = language_model[2]
    assert [node.name for node in taken.nodes if not node.module] == ["tokens"]


def test_a_function_that_calls_a_model_puts_its_nodes_into_it():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())

    def loss(x):
        return (model(x) ** 2).sum()

    taken = record(loss, torch.ones(2))
    paths = {node.op: [scope.path for scope in node.module] for node in taken.nodes}
    assert paths["tanh"] == ["model", "model.1"]
    assert paths["pow"] == paths["sum"] == []
    assert set(taken.parameters) == {"model.0.weight", "model.0.bias"}


def test_a_model_given_as_an_argument_is_named_by_it():
    taken = record(lambda net, x: net(x).sum(), nn.Linear(2, 2), torch.ones(2))
    assert set(taken.parameters) == {"net.weight", "net.bias"}


def test_a_method_of_a_model_names_its_parts_as_the_model_does():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(2, 2)

        def loss(self, x):
            return self.inner(x).sum()

    assert set(record(Model().loss, torch.ones(2)).parameters) == {"inner.weight", "inner.bias"}


def test_a_module_called_twice_makes_two_groups():
    taken = record(Shared(), torch.ones(3))
    assert {scope.key for node in taken.nodes for scope in node.module} == {
        "inner", "inner#2", "inner.0", "inner.0#2", "inner.1", "inner.1#2",
    }  # fmt: skip
    folded = fold(taken)
    assert [node.inside.key for node in folded.nodes if node.inside] == ["inner", "inner#2"]
    shared = [node.name for node in folded.nodes if node.kind == "leaf"]
    assert {"inner.0.weight", "inner.0.bias"} <= set(shared)  # gradients of both calls are summed there, in sight


def test_modules_made_by_f_itself_do_not_become_one():
    def f(x):
        for _ in range(2):
            x = nn.LayerNorm(3)(x) * 2
        return x.sum()

    taken = record(f, [1.0, 2.0, 4.0])
    assert {scope.key for node in taken.nodes for scope in node.module} == {"LayerNorm", "LayerNorm#2"}


def test_after_an_error_inside_a_module_nodes_go_where_they_belong():
    taken = record(Fails(), torch.ones(3))
    paths = {(node.op, tuple(scope.path for scope in node.module)) for node in taken.nodes if node.kind == "op"}
    where = dict(paths | {(n.op, tuple(s.path for s in n.module)) for n in taken.nodes if n.kind != "leaf"})
    assert where["sum"] == ()
    assert all(path in ((), ("good",)) for path in where.values())


def test_recording_leaves_no_hook_on_modules():
    hooks = nn.modules.module
    before = [len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)]
    model = nn.Linear(2, 2)
    record(model, torch.ones(2), gradient=torch.ones(2))
    assert before == [len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)]
    assert not model._forward_hooks and not model._forward_pre_hooks


def test_modules_running_in_another_thread_are_not_in_the_record():
    other, stop = nn.Linear(4, 4), threading.Event()

    def work():
        while not stop.is_set():
            other(torch.ones(4))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        taken = record(nn.Sequential(nn.Linear(2, 2)), torch.ones(2), gradient=torch.ones(2))
    finally:
        stop.set()
        thread.join()
    assert {scope.path for node in taken.nodes for scope in node.module} == {"0"}


def flows(taken):
    """The flows of a record, as text, sorted."""
    return sorted(repr(edge.flow) for edge in taken.edges if edge.flow is not None)


def crossing(taken, opened):
    """The flows of the full record between nodes that are not in one closed group."""
    found = tree(taken)
    units = [next((key for key in chain if key not in opened), i) for i, chain in enumerate(found.chains)]
    return sorted(repr(e.flow) for e in taken.edges if e.flow is not None and units[e.src] != units[e.dst])


@pytest.mark.parametrize("which", ["language_model", "image_model"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_folding_keeps_the_flows_between_what_is_shown(which, request, data):
    taken = request.getfixturevalue(which)[2]
    share, seed = data.draw(st.floats(0, 1)), data.draw(st.integers(0, 999))
    chance = random.Random(seed)
    opened = {key for key in keys(taken) if chance.random() < share}
    folded = fold(taken, opened)
    assert all(edge.src < edge.dst for edge in folded.edges)  # in forward order: no cycle
    assert [node.id for node in folded.nodes] == list(range(len(folded.nodes)))
    assert flows(folded) == crossing(taken, opened)
    assert folded.nodes[folded.inputs[next(iter(taken.inputs))]].name == next(iter(taken.inputs))
    assert_backward_order(folded)
    plan = scene(folded)
    assert len(texts(folded, plan)["values"]) == len(folded.nodes)


def assert_backward_order(folded):
    place = {node: i for i, node in enumerate(folded.backward_order)}
    assert len(place) == len(folded.backward_order)
    for edge in folded.edges:
        if edge.flow is not None and edge.src in place:
            assert place[edge.dst] < place[edge.src]


@pytest.mark.parametrize("which", ["language_model", "image_model"])
def test_with_everything_open_the_whole_record_is_there(which, request):
    taken = request.getfixturevalue(which)[2]
    folded = fold(taken, "all")
    assert folded.nodes == taken.nodes and folded.edges == taken.edges
    assert folded.backward_order == taken.backward_order and folded.inputs == taken.inputs


def test_what_a_folded_module_shows_is_what_autograd_had_at_its_output(language_model):
    model, tokens, taken = language_model
    outputs = {}
    hooks = [
        module.register_forward_hook(lambda module, _, output, name=name: outputs.update({name: output}))
        for name, module in model.named_modules()
    ]
    result = model(tokens)
    for hook in hooks:
        hook.remove()
    names = [f"encoder.layers.{i}" for i in range(LAYERS)]
    wanted = torch.autograd.grad(result, [outputs[name] for name in names], torch.ones_like(result))
    shown = {node.name: node for node in fold(taken, [LAYERS_KEY]).nodes}
    for name, grad in zip(names, wanted, strict=True):
        value = outputs[name]
        assert (shown[name].value.low, shown[name].value.high) == (value.min().item(), value.max().item())
        assert shown[name].grad.low == pytest.approx(grad.min().item(), abs=1e-5)
        assert shown[name].grad.high == pytest.approx(grad.max().item(), abs=1e-5)


def test_twelve_layers_alike_fold_into_one_node_that_opens_into_twelve(language_model):
    model, _, taken = language_model
    folded = fold(taken)
    assert [(node.op, node.name) for node in folded.nodes] == [
        ("leaf", "tokens"),
        ("Embedding", "embed"),
        ("12 × TransformerEncoderLayer", "encoder.layers.0 … 11"),
        ("Linear", "head"),
    ]
    run = folded.nodes[2].inside
    assert (run.key, run.members) == (LAYERS_KEY, LAYERS)
    assert run.parameters == sum(p.numel() for p in model.encoder.parameters())
    ops = [node.op for node in fold(taken, [LAYERS_KEY]).nodes]
    assert ops.count("TransformerEncoderLayer") == LAYERS


def test_each_of_the_twelve_opens_by_itself(language_model):
    folded = fold(language_model[2], [LAYERS_KEY, "encoder.layers.5"])
    names = [node.name for node in folded.nodes]
    assert "encoder.layers.5" not in names and "encoder.layers.5.self_attn" in names and "encoder.layers.6" in names
    assert [group.key for group in folded.opened] == [LAYERS_KEY, "encoder.layers.5"]
    inside = folded.opened[1].nodes
    assert "encoder.layers.5.norm2" in [folded.nodes[i].name for i in inside]


def test_modules_of_different_shape_do_not_fold_into_a_run():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4), nn.Linear(4, 2))
    folded = fold(record(model, torch.ones(2), gradient=torch.ones(2)))
    assert [node.op for node in folded.nodes] == ["leaf", "Linear", "Linear", "Linear"]


def test_modules_alike_with_something_computed_between_them_do_not_fold_into_a_run():
    layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))

    def f(x):
        for layer in layers:
            x = layer(x) * 2
        return x.sum()

    folded = fold(record(f, torch.ones(1, 2)))
    assert [node.op for node in folded.nodes if node.kind == "module"] == ["Linear"] * 3


def test_a_record_without_modules_is_not_folded():
    taken = record(lambda w: w * w, 2.0)
    assert fold(taken) is taken


def hand_made(scopes, links):
    """A record of nodes that add, each in the modules named, joined as the links say."""
    snapshot = Snapshot((), torch.float32, 1.0)
    nodes = [
        Node(i, "add", "AddBackward0", "op", None, (), torch.float32, True, False, values=(snapshot,), grads=(snapshot,),
             module=tuple(Scope(path, "Part") for path in paths))
        for i, paths in enumerate(scopes)
    ]  # fmt: skip
    edges = [Edge(src, dst, 0, place, snapshot) for place, (src, dst) in enumerate(links)]
    return Record(torch.tensor(1.0), {}, nodes, edges, list(range(len(nodes)))[::-1])


def test_a_group_that_values_leave_and_enter_again_is_opened_instead_of_making_a_cycle():
    taken = hand_made([["a"], ["a"], [], ["a"], []], [(0, 1), (1, 2), (2, 3), (1, 3), (3, 4)])
    folded = fold(taken)
    assert [node.kind for node in folded.nodes] == ["op"] * 5
    assert [group.key for group in folded.opened] == ["a"]
    scene(folded)


def test_of_two_groups_that_feed_each_other_one_stays_folded():
    taken = hand_made([["a"], ["b"], ["b"], ["a"], []], [(0, 1), (2, 3), (1, 4), (3, 4)])
    folded = fold(taken)
    assert sorted(node.kind for node in folded.nodes).count("module") == 1
    assert all(edge.src < edge.dst for edge in folded.edges)
    assert len([edge for edge in folded.edges if edge.flow is not None]) == 4


def test_two_foldings_have_two_topologies(language_model):
    taken = language_model[2]
    assert topology(fold(taken)) != topology(fold(taken, [LAYERS_KEY]))
    assert topology(fold(taken)) == topology(fold(taken, []))


def test_a_frame_holds_what_is_open_and_nothing_else(language_model):
    plan = scene(fold(language_model[2], [LAYERS_KEY, "encoder.layers.5"]))
    for frame in plan["frames"]:
        ((x, y, w, h),) = frame["boxes"]
        for node in plan["nodes"]:
            inside = x < node["x"] and node["x"] + node["w"] < x + w and y < node["y"] and node["y"] + node["h"] < y + h
            assert inside == (node["id"] in frame["nodes"])


def test_draw_folds_a_model_unless_told_otherwise(language_model):
    taken = language_model[2]
    assert "12 × Transf" in draw(taken).svg
    assert "encoder.layers.7" in draw(taken, opened=LAYERS_KEY).svg
    assert draw(taken, depth=1).svg != draw(taken).svg
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    small = record(model, torch.ones(2), gradient=torch.ones(2))
    assert "TBackward0" in draw(small, opened="all").svg and "TBackward0" not in draw(small).svg


def test_draw_names_the_modules_there_are():
    small = record(nn.Sequential(nn.Linear(2, 2)), torch.ones(2), gradient=torch.ones(2))
    with pytest.raises(ValueError, match="nowhere.* 0"):
        draw(small, opened="nowhere")


@pytest.mark.parametrize("suffix", [".svg", ".png", ".mmd", ".dot", ".json"])
def test_a_folded_model_can_be_written_to_every_kind_of_file(suffix, tmp_path, image_model):
    path = tmp_path / f"graph{suffix}"
    draw(image_model[2], path=path)
    assert path.stat().st_size > 500


def test_an_explorer_of_a_model_is_collapsed_and_opens_without_running_it_again():
    model, tokens = transformer(layers=3)
    calls = []
    model.register_forward_hook(lambda *_: calls.append(1))
    widget = explore(model, tokens, gradient=torch.ones(2, 8, WORDS))
    before = len(calls)
    assert widget.problem is None and len(widget.scene["nodes"]) == 4
    widget.opened = ["encoder.layers.0..encoder.layers.2"]
    assert len(widget.scene["nodes"]) == 6 == len(widget.state["values"])
    widget.opened = []
    assert len(widget.scene["nodes"]) == 4 == len(widget.state["values"])
    assert len(calls) == before
    assert widget.state["scene"] == widget.scene["key"]


def test_what_is_open_stays_open_when_a_slider_moves():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())

    def loss(w):
        return (model(torch.stack([w, w])) ** 2).sum()

    widget = explore(loss, w=(-2.0, 2.0), opened=["model"])
    shown = [node["name"] for node in widget.scene["nodes"]]
    widget.set(w=1.5)
    assert [node["name"] for node in widget.scene["nodes"]] == shown
    assert "model.0" in shown and widget.opened == ["model"]
    wanted = record(loss, 1.5)
    assert widget.state["output"] == texts(wanted, scene(wanted))["values"][-1]


def test_keys_that_the_page_makes_up_are_ignored():
    widget = explore(nn.Sequential(nn.Linear(2, 2), nn.Tanh()), torch.ones(2), gradient=torch.ones(2))
    before = [node["name"] for node in widget.scene["nodes"]]
    widget.opened = ["nothing", "here"]
    assert [node["name"] for node in widget.scene["nodes"]] == before


def test_an_explorers_runs_leave_the_buffers_of_a_model_in_training_as_they_were():
    model, images = resnet()
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}

    def loss(scale):
        return (model(images * scale) ** 2).sum()

    widget = explore(loss, scale=(0.5, 2.0))
    first = widget.state["output"]
    widget.set(scale=2.0)
    widget.set(scale=1.25)
    assert widget.state["output"] == first
    assert model.training
    for name, buffer in model.named_buffers():
        assert torch.equal(buffer, before[name]), name


def test_a_record_of_a_batchnorm_in_training_writes_to_its_buffers_once_as_f_does():
    model = nn.Sequential(nn.BatchNorm1d(3))
    record(model, torch.randn(4, 3), gradient=torch.ones(4, 3))
    assert model[0].num_batches_tracked.item() == 1


def test_a_model_with_dropout_throws_the_same_dice_at_every_run():
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.Linear(4, 1))
    widget = explore(lambda w: model(torch.ones(4) * w).sum(), w=(0.0, 2.0))
    outputs = {widget.set(w=w).state["output"] for w in (1.0, 2.0, 1.0)} | {widget.set(w=1.0).state["output"]}
    assert len(outputs) == 2


def test_an_explorer_of_a_classifier_without_gradient_says_what_to_pass():
    model, images = resnet()
    widget = explore(model, images)
    assert "gradient=torch.ones(2, 10)" in widget.problem.text
    assert len(widget.scene["nodes"]) == len(fold(widget_record(model, images)).nodes)


def widget_record(model, images):
    with pytest.raises(VectorOutputError) as caught:
        record(model, images)
    return caught.value.record


def test_an_explorer_opens_all_modules_on_request():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Tanh(), nn.Linear(2, 2)))
    widget = explore(model, torch.ones(2), gradient=torch.ones(2), opened="all")
    assert len(widget.state["values"]) == len(widget.record.nodes) and widget.opened == keys(widget.record)


def test_an_explorer_refuses_to_open_what_is_not_there():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    with pytest.raises(ValueError, match="received 7. There are: 0"):
        explore(model, torch.ones(2), gradient=torch.ones(2), opened="7")


def test_the_graph_of_an_explorer_is_exported_with_the_modules_that_are_open(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    widget = explore(model, torch.ones(2), gradient=torch.ones(2), opened="0")
    widget.export(tmp_path / "open.mmd")
    widget.opened = []
    widget.export(tmp_path / "closed.mmd")
    texts = [(tmp_path / name).read_text("utf-8") for name in ("open.mmd", "closed.mmd")]
    assert ["0.weight" in text for text in texts] == [True, False]


def test_a_recording_that_stops_at_a_limit_folds_what_there_is():
    model, tokens = transformer(layers=3)
    with pytest.raises(RecordingLimitError) as caught:
        record(model, tokens, gradient=torch.ones(2, 8, WORDS), max_ops=20)
    folded = fold(caught.value.record)
    assert not folded.complete and len(folded.nodes) < len(caught.value.record.nodes)
    draw(caught.value.record)


def test_a_module_of_one_node_keeps_its_path_and_class():
    conv = nn.Conv2d(1, 2, 3)
    taken = fold(record(lambda a, b: (conv(a) - conv(b)).sum(), torch.randn(1, 1, 4, 4), torch.randn(1, 1, 4, 4)))
    assert [node.name for node in taken.nodes if node.op == "convolution"] == ["conv (Conv2d)", "conv#2 (Conv2d)"]
    named = fold(record(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), torch.ones(2), gradient=torch.ones(2)))
    assert [(node.op, node.name) for node in named.nodes if node.kind != "leaf"] == [
        ("Linear", "0"),
        ("relu", "1 (ReLU)"),
    ]


def test_lines_are_those_of_f_however_deep_the_modules_around_an_operation():
    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Tanh(), nn.ReLU()))

        def forward(self, x):
            y = self.inner(x).sin()
            return self.inner[1](y).cos() * y.exp()

    outer = Outer()

    def f(x):
        y = outer(x)
        z = y.square()
        return outer.inner[0](z).sum() + outer(z).sum()

    first = f.__code__.co_firstlineno
    taken = record(f, [0.1, 0.2])
    lines = {
        op: {n.line - first for n in taken.nodes if n.op == op} for op in ("t", "sin", "pow", "tanh", "sum", "add")
    }
    assert lines == {"t": {1, 3}, "sin": {1, 3}, "pow": {2}, "tanh": {1, 3}, "sum": {3}, "add": {3}}
    assert sorted(n.line - first for n in taken.nodes if n.op == "tanh") == [1, 1, 3, 3]
    deep = record(outer, torch.ones(2), gradient=torch.ones(2))
    start = Outer.forward.__code__.co_firstlineno
    assert {(n.op, n.line - start) for n in deep.nodes if n.op in ("sin", "cos", "exp")} == {
        ("sin", 1), ("cos", 2), ("exp", 2),
    }  # fmt: skip
