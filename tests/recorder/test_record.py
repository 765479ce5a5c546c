"""What record says of small programs whose answer is known."""

import gc
import linecache
import weakref

import pytest
import torch

from seeing_gradients.recorder import Snapshot, record
from tests.recorder import readable_saved_tensors


def line(w, b, x, y_true):
    y_pred = w * x + b
    loss = (y_pred - y_true) ** 2
    return loss


@pytest.fixture
def full():
    return record(line, w=4.0, b=2.0, x=torch.tensor(2.0), y_true=torch.tensor(7.0))


def node(r, name):
    return next(n for n in r.nodes if name in (n.name, n.op, n.grad_fn))


def edge(r, src, dst):
    return next(e for e in r.edges if (e.src, e.dst) == (node(r, src).id, node(r, dst).id))


def test_the_full_example_has_the_gradients_of_the_chain_rule(full):
    assert full.output == 9.0
    assert full.grads["w"] == 12.0 and full.grads["b"] == 6.0
    assert full.grads["x"] is None and full.grads["y_true"] is None


def test_nodes_carry_values_gradients_names_and_lines(full):
    y_pred = node(full, "y_pred")
    assert (y_pred.op, y_pred.grad_fn, y_pred.kind, y_pred.value, y_pred.grad) == ("add", "AddBackward0", "op", 10, 6)
    assert y_pred.line == line.__code__.co_firstlineno + 1
    assert node(full, "loss").grad == 1.0 and full.nodes[-1].name == "loss"
    assert node(full, "w").is_leaf and node(full, "w").grad_fn == "AccumulateGrad"
    assert node(full, "x").is_leaf and node(full, "x").grad_fn is None
    assert full.source[0] == line.__code__.co_firstlineno and full.source[1].startswith("def line")


@readable_saved_tensors
def test_saved_tensors_are_named_and_none_of_them_is_saved_without_need(full):
    assert node(full, "mul").saved == ("other",)  # x requires no grad, so w need not be kept
    assert node(full, "pow").saved == ("self",)
    assert node(full, "y_pred").saved == ()


def test_the_engine_order_and_flows_are_those_of_a_hand_made_trace():
    r = record(lambda x, w: (x * w + torch.sin(x)) ** 2, 3.0, 2.0)
    names = [r.nodes[number].grad_fn for number in r.backward_order]
    assert names[:2] == ["PowBackward0", "AddBackward0"]
    assert set(names[2:4]) == {"MulBackward0", "SinBackward0"}
    assert names[4:] == ["AccumulateGrad", "AccumulateGrad"]
    assert edge(r, "x", "mul").grad.item() == pytest.approx(24.5645, abs=1e-4)
    assert edge(r, "x", "sin").grad.item() == pytest.approx(-12.1593, abs=1e-4)
    assert node(r, "x").grad.item() == pytest.approx(12.4052, abs=1e-4)


def test_a_tensor_used_twice_has_two_edges_that_add_up():
    r = record(lambda x: x * x + x, 3.0)
    flows = [e.grad.item() for e in r.edges if e.src == r.inputs["x"]]
    assert sorted(flows) == [1.0, 3.0, 3.0] and r.grads["x"] == 7.0


@pytest.mark.parametrize(
    ("f", "constant"),
    [(lambda x: 2 * x, 2), (lambda x: x * 2, 2), (lambda x: 3 - x, 3), (lambda x: x - 3, 3), (lambda x: 5 / x, 5)],
)
def test_a_python_number_on_either_side_is_a_constant_node(f, constant):
    r = record(f, 4.0)
    constants = [n for n in r.nodes if n.kind == "constant"]
    assert [n.value.item() for n in constants] == [constant]
    assert not constants[0].requires_grad and constants[0].grad is None


def test_an_in_place_operation_makes_a_new_node_and_keeps_the_old_value():
    def f(x):
        y = x * 2
        y.add_(1)
        return y * y

    r = record(f, 3.0)
    assert [n.value.item() for n in r.nodes if n.kind == "op"] == [6.0, 7.0, 49.0]
    assert r.grads["x"] == 28.0


def test_writing_to_a_view_shows_as_copy_slices():
    def f(x):
        y = x * 2
        y[0].mul_(5)
        return y.sum()

    r = record(f, [1.0, 2.0])
    assert node(r, "CopySlices").value.tolist() == [10.0, 4.0]
    assert r.grads["x"].tolist() == [10.0, 2.0]


def test_an_assignment_to_an_element_is_followed():
    def f(w):
        row = torch.zeros(3)
        row[1] = w
        return (row * torch.tensor([1.0, 10.0, 100.0])).sum()

    r = record(f, 3.0)
    assert r.output == 30.0 and r.grads["w"] == 10.0
    assert node(r, "row").value.tolist() == [0.0, 3.0, 0.0]


def test_detach_is_a_cut_edge_and_only_the_other_path_has_a_gradient():
    def f(x):
        u = (x * x).detach()
        return (u * x).sum()

    r = record(f, [0.0, 1.0, 2.0, 3.0])
    assert r.grads["x"].tolist() == [0.0, 1.0, 4.0, 9.0]
    assert node(r, "u").kind == "detached" and node(r, "u").grad is None
    cut = [e for e in r.edges if e.cut]
    assert [(r.nodes[e.src].op, r.nodes[e.dst].op, e.grad) for e in cut] == [("mul", "detach", None)]


def test_a_no_grad_region_and_a_comparison_are_detached_too():
    def f(x):
        with torch.no_grad():
            scale = x * 10
        return torch.where(x > 0, x * scale, -x).sum()

    r = record(f, [1.0, -2.0])
    assert node(r, "scale").kind == "detached" and node(r, "gt").kind == "detached"
    assert r.grads["x"].tolist() == [10.0, -1.0]


@pytest.mark.parametrize(
    ("f", "grad_fn", "outputs"),
    [
        (lambda x: x.max(dim=0).values.sum(), "MaxBackward0", 1),
        (lambda x: x.unbind()[1].sum(), "UnbindBackward0", 2),
        (lambda x: torch.linalg.svd(x, full_matrices=False).S.sum(), "LinalgSvdBackward0", 3),
    ],
)
def test_a_multi_output_operation_is_one_node_with_several_values(f, grad_fn, outputs):
    r = record(f, [[1.0, 2.0], [5.0, 4.0]])
    assert len(node(r, grad_fn).values) == outputs
    x = torch.tensor([[1.0, 2.0], [5.0, 4.0]], requires_grad=True)
    assert torch.equal(r.grads["x"], torch.autograd.grad(f(x), x)[0])


def test_an_edge_says_which_output_it_takes():
    r = record(lambda x: (x.unbind()[1] ** 2).sum(), [1.0, 5.0])
    assert edge(r, "UnbindBackward0", "PowBackward0").output == 1
    assert node(r, "UnbindBackward0").grad[1] == 10.0


def test_an_input_that_is_not_used_gets_no_gradient():
    r = record(lambda w, b: w * 2, 1.0, 5.0)
    assert r.grads["b"] is None and r.nodes[r.inputs["b"]].kind == "leaf"
    assert [e for e in r.edges if e.src == r.inputs["b"]] == []


def test_only_the_branch_and_the_rounds_that_ran_are_recorded():
    def f(a):
        b = a * 2
        while b.norm() < 1000:
            b = b * 2
        return b if b.sum() > 0 else 100 * b

    r = record(f, 1.0)
    assert r.output == 1024.0 and r.grads["a"] == 1024.0
    assert [n.grad_fn for n in r.nodes if n.kind == "op"] == ["MulBackward0"] * 10
    assert record(f, -1.0).grads["a"] == 102400.0


@readable_saved_tensors
def test_a_custom_function_is_one_node_under_its_own_name():
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return 3 * x * x * grad

    def f(x):
        y = Cube.apply(x)
        return y + 1

    r = record(f, 2.0)
    cube = node(r, "CubeBackward")
    assert (cube.value, cube.grad, cube.name, cube.saved) == (8.0, 1.0, "y", ("saved_tensors[0]",))
    assert cube.line == f.__code__.co_firstlineno + 1
    assert r.grads["x"] == 12.0


def test_a_module_is_recorded_with_its_parameters_by_name():
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    x = torch.tensor([[1.0, 2.0]])
    r = record(lambda x: model(x).sum(), x)
    leaves = {n.name for n in r.nodes if n.kind == "leaf"}
    assert leaves == {"x", "model.0.weight", "model.0.bias", "model.2.weight", "model.2.bias"}
    model(x).sum().backward()
    assert torch.equal(node(r, "model.0.weight").grad, model[0].weight.grad)
    assert torch.equal(node(record(model, x), "0.weight").value, model[0].weight.detach())


def test_gradient_gives_the_vector_jacobian_product():
    r = record(lambda x: torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]]), [1.0, 2.0], gradient=[1, 10, 100])
    assert r.grads["x"].tolist() == [322.0, 101.0]
    assert r.nodes[-1].grad.tolist() == [1.0, 10.0, 100.0]


def test_double_backward_records_the_graph_of_the_gradient():
    def f(x):
        (slope,) = torch.autograd.grad(x**3, x, create_graph=True)
        return slope

    r = record(f, 2.0)
    assert r.output == 12.0 and r.grads["x"] == 12.0
    assert node(r, "slope").value == 12.0
    assert all(n.value is not None for n in r.nodes)


def test_what_the_caller_had_is_left_as_it_was():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    w.grad = kept = torch.tensor([5.0, 5.0])
    r = record(lambda w: (w * w).sum(), w)
    assert r.grads["w"].tolist() == [2.0, 4.0]
    assert w.grad is kept and kept.tolist() == [5.0, 5.0]


def test_a_graph_that_goes_on_outside_f_can_be_recorded_again_and_used_afterwards():
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    assert record(lambda s: y * s, 2.0).grads["s"] == 9.0
    assert node(record(lambda s: y * s, 2.0), "y").grad == 2.0
    y.backward()
    assert x.grad == 6.0


def test_an_input_with_a_history_has_its_gradient_too():
    y = torch.tensor(3.0, requires_grad=True) * 2
    assert record(lambda y: y * y, y).grads["y"] == 12.0


def test_a_leaf_returned_as_it_is_has_gradient_one():
    r = record(lambda w: w, 5.0)
    assert len(r.nodes) == 1 and r.grads["w"] == 1.0


def test_fifty_thousand_operations_do_not_hit_a_recursion_limit():
    def f(x):
        for _ in range(50_000):
            x = x + 1
        return x

    r = record(f, 0.0, max_ops=60_000, max_seconds=None)
    assert r.output == 50_000.0 and r.grads["x"] == 1.0 and len(r.backward_order) == 50_001


def test_a_large_tensor_is_kept_as_shape_range_and_thumbnail():
    r = record(lambda x: (x * 2).sum(), torch.arange(10_000.0).reshape(100, 100).requires_grad_())
    value = node(r, "mul").value
    assert isinstance(value, Snapshot) and value.numbers is None
    assert (value.shape, value.low, value.high) == ((100, 100), 0.0, 19_998.0)
    assert len(value.thumbnail) == 8 and value.thumbnail[0][0] == 0.0 and value.thumbnail[-1][-1] == 19_998.0
    with pytest.raises(ValueError, match="range and a thumbnail"):
        value.tensor()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.complex64])
def test_the_dtype_of_a_tensor_is_kept(dtype):
    x = torch.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
    r = record(lambda x: (x * x).abs().sum(), x)
    assert node(r, "mul").value.dtype == dtype and r.grads["x"].dtype == dtype


def test_nan_and_infinity_are_recorded_as_they_are():
    r = record(lambda x: (x / 0).sum(), [1.0, 0.0])
    assert str(node(r, "div").value.tolist()) == "[inf, nan]"


def test_record_works_inside_no_grad_and_inside_another_recording():
    with torch.no_grad():
        assert record(lambda x: x * x, 3.0).grads["x"] == 6.0

    def f(x):
        inner = record(lambda z: z**3, 2.0).grads["z"]
        return x * inner

    assert record(f, 1.0).grads["x"] == 12.0


def test_nothing_of_a_run_stays_alive():
    watched = []

    def f(x):
        y = x * 3
        watched.append(weakref.ref(y))
        return y * y

    r = record(f, 2.0)
    gc.collect()
    assert watched[0]() is None and r.output == 36.0


def test_hooks_are_removed():
    w = torch.tensor(2.0, requires_grad=True)
    y = w * 3
    calls = []
    y.register_hook(calls.append)
    record(lambda y: y * y, y)
    (y * y).backward()
    assert len(calls) == 2  # one for the recorded run, one for this: ours left none behind


def test_the_random_numbers_f_draws_are_those_it_would_draw_alone():
    def f(x):
        dropped = torch.nn.functional.dropout(x, 0.5)
        return (torch.nn.functional.linear(dropped, torch.ones(2, 3)) * torch.rand(2)).sum()

    torch.manual_seed(1)
    expected = f(torch.ones(3, requires_grad=True)).item()
    torch.manual_seed(1)
    assert record(f, [1.0, 1.0, 1.0]).output.item() == expected


@pytest.mark.parametrize(
    "f",
    [
        lambda x: torch.func.vmap(lambda z: z * z)(x).sum(),
        lambda x: torch.func.grad(lambda z: (z**3).sum())(x).sum(),
        lambda x: torch.func.jvp(lambda z: z * z, (x,), (torch.ones(2),))[1].sum(),
        lambda x: torch.autograd.functional.hessian(lambda z: (z**3).sum(), x, create_graph=True).sum(),
        lambda x: torch.func.hessian(lambda z: (z**3).sum())(x).sum(),  # saves zeros that lie nowhere in memory
    ],
)
def test_function_transforms_inside_f_are_recorded_from_outside(f):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert torch.equal(record(f, x).grads["x"], torch.autograd.grad(f(x), x)[0])


def test_a_transformer_block_is_recorded_whole():
    torch.manual_seed(0)
    block = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    x = torch.randn(2, 3, 8)
    r = record(lambda x: block(x).square().sum(), x)
    assert [n for n in r.nodes if None in n.values] == []
    block(x).square().sum().backward()
    assert torch.equal(node(r, "block.linear1.bias").grad, block.linear1.bias.grad)
    assert sorted(n.name for n in r.nodes if n.kind == "leaf") == sorted(["x", *_names(block)])


def _names(block):
    return [f"block.{name}" for name, _ in block.named_parameters()]


def test_leaves_in_lists_dicts_and_self_are_named_by_the_way_to_them():
    class Model:
        def __init__(self):
            self.w, self.layers = torch.tensor(2.0, requires_grad=True), [torch.tensor(3.0, requires_grad=True)]

        def __call__(self, x, batch):
            return x * self.w * self.layers[0] * batch["y"]

    r = record(Model(), 1.0, {"y": torch.tensor(5.0, requires_grad=True)})
    assert r.parameters == {"self.w": 15.0, "self.layers[0]": 10.0, "batch['y']": 6.0}


def test_leaves_that_nobody_can_name_keep_their_gradients_apart():
    f = lambda x: x * torch.full((), 2.0, requires_grad=True) * torch.full((), 3.0, requires_grad=True)
    assert sorted(record(f, 1.0).parameters.values()) == [2.0, 3.0]


def test_scripted_functions_and_modules_are_recorded():
    model = torch.jit.script(torch.nn.Linear(2, 1))
    r = record(model, torch.ones(1, 2))
    assert set(r.parameters) == {"weight", "bias"} and r.source is None


def test_arguments_behind_a_star_have_names_of_their_own():
    r = record(lambda x, *rest, k: x * rest[0] * rest[1] * k, 1.0, 2.0, 3.0, k=4.0)
    assert r.grads == {"x": 24.0, "arg1": 12.0, "arg2": 8.0, "k": 6.0}


def test_a_function_made_by_exec_has_no_source_even_where_python_keeps_that_of_its_command_line():
    linecache.cache["<string>"] = (6, None, ["x * 2\n"], "<string>")
    try:
        namespace = {}
        exec("f = lambda x: x * 3", namespace)  # noqa: S102 - such functions are what is tested
        assert record(namespace["f"], 1.0).source is None
    finally:
        del linecache.cache["<string>"]
