"""watch without a browser: it trains bit for bit like the bare loop, and measures what PyTorch computed."""

import contextlib
import copy
import doctest
import itertools
import math
import pickle
import random
import re
from functools import partial
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from torch import nn

from helpers import language, watch
from seeing_gradients.widgets.watch import TrainingRun, history, monitor, widget
from seeing_gradients.widgets.watch.history import History, Losses, Snapshot

from . import training_programs as programs
from .training_programs import bare_loop, hooks_of, mlp, moons, seed, state_of

CROSS_ENTROPY = nn.CrossEntropyLoss()
SGD = partial(torch.optim.SGD, lr=0.1)
# name -> (model, loss, data, optimizer of the parameters)
PROGRAMS = {
    "SGD": (mlp, CROSS_ENTROPY, moons, SGD),
    "momentum": (mlp, CROSS_ENTROPY, moons, partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.01)),
    "Adam": (mlp, CROSS_ENTROPY, moons, partial(torch.optim.Adam, lr=0.01)),
    "AdamW, foreach": (mlp, CROSS_ENTROPY, moons, partial(torch.optim.AdamW, lr=0.01, foreach=True)),
    "LBFGS": (mlp, CROSS_ENTROPY, moons, partial(torch.optim.LBFGS, max_iter=3)),
    "shuffled batches": (mlp, CROSS_ENTROPY, programs.loader, SGD),
    "a list of batches": (mlp, CROSS_ENTROPY, lambda: [moons(40, 1), moons(20, 2)], SGD),
    "BatchNorm and dropout": (programs.image_model, CROSS_ENTROPY, programs.images, SGD),
    "BatchNorm in evaluation": (
        lambda: programs.image_model().eval(), CROSS_ENTROPY, programs.images, SGD,
    ),
    "characters": (programs.CharacterModel, programs.next_character_loss, programs.characters, SGD),
    "sparse gradients": (
        lambda: programs.CharacterModel(sparse=True), programs.next_character_loss, programs.characters, SGD,
    ),
    "float64": (lambda: mlp().double(), CROSS_ENTROPY, lambda: (moons()[0].double(), moons()[1]), SGD),
}  # fmt: skip


@pytest.fixture(autouse=True)
def english():
    language.use("en")
    yield
    language.use("en")


def equal(one, other):
    """Whether two states are the same, bit for bit; nan equals nan."""
    dense = lambda tensor: tensor.to_dense() if tensor is not None and tensor.is_sparse else tensor
    pairs = list(zip(map(dense, one), map(dense, other), strict=True))
    return all(
        (a is b is None) or (a.dtype == b.dtype and a.detach().numpy().tobytes() == b.detach().numpy().tobytes())
        for a, b in pairs
    )


def made(name):
    """The (model, loss, data, optimizer) of a program, from the seed."""
    make_model, loss, make_data, make_optimizer = PROGRAMS[name]
    seed()
    model = make_model()
    return model, loss, make_data(), make_optimizer(model.parameters())


# ---- the training is untouched ----


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_trains_bit_for_bit_like_the_bare_loop(name):
    model, loss, data, optimizer = made(name)
    losses = bare_loop(model, loss, data, optimizer, 23)
    expected = state_of(model, optimizer)
    model, loss, data, optimizer = made(name)
    run = watch(model, loss, data, optimizer, steps=23)
    assert [value for _, value in run.losses] == losses and run.steps_done == 23
    assert equal(state_of(model, optimizer), expected) and hooks_of(model) == 0


def own_loop(model, loss, data, optimizer, steps, after_step, scaled=False):
    """A loop with what others write into theirs: clipping, autocast, a validation, zeroing in place."""
    for i, (x, y) in zip(range(steps), programs.forever(data), strict=False):
        with torch.autocast("cpu", dtype=torch.bfloat16) if scaled else contextlib.nullcontext():
            value = loss(model(x), y)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        after_step(value)
        optimizer.zero_grad(set_to_none=i % 2 == 0)
        if i % 5 == 0:
            with torch.no_grad():
                model(x)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("name", ["momentum", "Adam", "shuffled batches", "BatchNorm and dropout", "characters"])
def test_a_loop_of_one_s_own_is_untouched(name, scaled):
    program = made(name)
    own_loop(*program, 23, lambda _: None, scaled)
    expected = state_of(program[0], program[3])
    program = made(name)
    with watch(program[0], every=3) as run:
        own_loop(*program, 23, run.step, scaled)
    assert equal(state_of(program[0], program[3]), expected) and hooks_of(program[0]) == 0
    assert [each.step for each in run.snapshots] == list(range(0, 23, 3)) and run.trouble is None


def test_an_error_passes_through_and_leaves_no_hook():
    model = mlp()
    with pytest.raises(ZeroDivisionError), watch(model) as run:
        model(moons()[0])
        raise ZeroDivisionError
    assert hooks_of(model) == 0 and run.steps_done == 0

    def loss(output, target):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        watch(model, loss, moons(), SGD(model.parameters()), steps=3)
    assert hooks_of(model) == 0


def test_the_hooks_of_others_stay_and_see_each_call_once():
    model, seen = mlp(), []
    model[0].register_forward_hook(lambda *_: seen.append(1))
    watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=5)
    assert len(seen) == 5 and hooks_of(model) == 1


def test_opening_steps_and_drawing_the_plane_leaves_the_model_and_the_random_numbers_alone():
    model, loss, data, optimizer = made("BatchNorm and dropout")
    run = watch(model, loss, data, optimizer, steps=6)
    before = state_of(model, optimizer)
    run.explore(3)
    run.picture()
    assert equal(state_of(model, optimizer), before) and model.training


# ---- what is measured ----


def test_gradients_updates_and_activations_are_those_of_the_loop():
    model, loss, (x, y), optimizer = made("SGD")
    gradients, updates, spreads, dead = [], [], [], []
    for _ in range(4):
        optimizer.zero_grad()
        outputs = list(itertools.accumulate(model, lambda value, layer: layer(value), initial=x))[1:]
        loss(outputs[-1], y).backward()
        before = [parameter.detach().clone() for parameter in model.parameters()]
        optimizer.step()
        gradients.append([p.grad.norm().item() for p in model.parameters()])
        updates.append([((p - b).norm() / b.norm()).item() for p, b in zip(model.parameters(), before, strict=True)])
        spreads.append([value.std(correction=0).item() for value in outputs])
        dead.append([(value == 0).all(dim=0).float().mean().item() for value in outputs])
    model, loss, data, optimizer = made("SGD")
    run = watch(model, loss, data, optimizer, steps=4)
    assert run.module_names == ["0", "1", "2", "3", "4"]
    for i, each in enumerate(run.snapshots):
        assert each.gradients == pytest.approx(gradients[i], rel=1e-5)
        assert each.updates == pytest.approx(updates[i], rel=1e-4)
        assert each.spreads == pytest.approx(spreads[i], rel=1e-5)
        assert each.dead[1::2] == pytest.approx(dead[i][1::2], abs=1e-6) and each.dead[0] is None


class CallsFunctions(nn.Module):
    """Two of the four units of its first layer are dead, and relu is a function; the second one is a module."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.relu, self.last = nn.Linear(2, 4), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1)
        with torch.no_grad():
            self.first.bias.copy_(torch.tensor([-100.0, 0.0, 0.0, -100.0]))
            self.second.bias.fill_(-100.0)
        self.fails = False

    def forward(self, x):
        if self.fails:
            raise ValueError("on purpose")
        return self.last(self.relu(self.second(nn.functional.relu(self.first(x)))))


def test_activations_that_are_called_as_functions_are_counted_at_the_module_before_them():
    torch.manual_seed(0)
    model, x = CallsFunctions(), torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    run = watch(model)
    with run:
        for step in range(2):
            loss = model(x).sum()
            loss.backward()
            run.step(loss)
        shares = dict(zip(run.module_names, run.snapshots[0].dead, strict=True))
        hidden = nn.functional.relu(model.first(x))
        assert shares["first"] == (hidden == 0).all(dim=0).float().mean().item() >= 0.5
        assert shares["second"] is None and shares["relu"] == 1.0 and shares["last"] is None
        model.fails = True
        with pytest.raises(ValueError, match="on purpose"):
            model(x)
    assert torch.overrides._get_current_function_mode_stack() == []


def test_saturated_and_dead_units_are_counted():
    model = nn.Sequential(nn.Linear(2, 4, bias=False), nn.Tanh(), nn.Linear(4, 4, bias=False), nn.ReLU())
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[100.0, 100.0], [0.1, 0.0], [0.0, 0.1], [-100.0, -100.0]]))
        model[2].weight.copy_(-torch.eye(4).abs())
    x = torch.tensor([[1.0, 2.0], [2.0, 1.0]])
    with watch(model) as run:
        model(x).sum().backward()
        run.step(1.0)
    # tanh: two of four units at an end for both examples; ReLU: only the unit behind -1 lets something through
    assert run.snapshots[0].dead == (None, 0.5, None, 0.75)


def test_a_gradient_is_what_step_finds_in_grad():
    model, (x, y) = mlp(), moons()
    optimizer = SGD(model.parameters())
    with watch(model) as run:
        CROSS_ENTROPY(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()
        run.step(0.7)
        CROSS_ENTROPY(model(x), y).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1e-3)
        optimizer.step()
        run.step(torch.tensor(0.6))
    assert set(run.snapshots[0].gradients) == {None}
    assert math.hypot(*run.snapshots[1].gradients) == pytest.approx(1e-3, rel=1e-3)
    assert [loss for _, loss in run.losses] == pytest.approx([0.7, 0.6])


def test_depth_makes_the_gradients_of_sigmoid_vanish():
    seed()
    run = watch(
        mlp, CROSS_ENTROPY, moons(), SGD, steps=2, depth=(1, 20), activation=["sigmoid", "tanh", "relu"], lr=0.1
    )
    run.set(depth=20, activation="sigmoid")
    first, last = run.snapshots[0].gradients[0], run.snapshots[0].gradients[-2]
    assert 0 < first / last < 1e-8
    run.set(activation="tanh")
    assert run.snapshots[0].gradients[0] / run.snapshots[0].gradients[-2] > 1e4 * first / last


# ---- opening a step ----


@pytest.mark.parametrize("name", ["Adam", "shuffled batches", "BatchNorm and dropout", "characters"])
def test_an_opened_step_has_the_loss_and_the_gradients_of_that_step(name):
    model, loss, data, optimizer = made(name)
    run = watch(model, loss, data, optimizer, steps=30)
    for step in (0, 7, 20, 29):
        snapshot = next(each for each in run.snapshots if each.step == step)
        record = run.explore(step).record
        assert record.output.item() == pytest.approx(snapshot.loss, rel=1e-6)
        norms = [record.parameters[f"model.{name}"].norm().item() for name in run.parameter_names]
        assert norms == pytest.approx(snapshot.gradients, rel=1e-4, abs=1e-9)


def test_a_step_of_one_s_own_loop_opens_with_the_gradient_that_arrived_at_the_output():
    model, loss, (x, y), optimizer = made("Adam")
    with watch(model) as run:
        for _ in range(12):
            optimizer.zero_grad()
            value = loss(model(x), y) * 3
            value.backward()
            optimizer.step()
            run.step(value)
    record = run.explore(5).record
    norms = [record.parameters[name].norm().item() for name in run.parameter_names]
    assert norms == pytest.approx(run.snapshots[5].gradients, rel=1e-4)


def test_a_batch_that_was_written_to_cannot_be_opened():
    model, loss, (x, y), optimizer = made("SGD")
    run = watch(model, loss, (x, y), optimizer, steps=3)
    x.add_(1)
    with pytest.raises(ValueError, match="written to after the step"):
        run.explore(0)


# ---- nan and inf ----


class Root(nn.Module):
    """A square root, whose slope at 0 is infinite."""

    def forward(self, x):
        return x.clamp(min=0).sqrt()


def test_a_learning_rate_that_is_too_large_is_traced_to_a_module_and_the_training_stops():
    seed()
    model = mlp(depth=3)
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters(), lr=1e4), steps=300)
    trouble = run.trouble
    assert trouble.kind == "forward" and run.steps_done == trouble.step + 1 < 300
    assert [not math.isfinite(loss) for _, loss in run.losses].index(True) == trouble.step
    assert run.snapshots[-1].step == trouble.step and all(p.isfinite().all() for p in model.parameters())
    outputs = list(itertools.accumulate(model, lambda value, layer: layer(value), initial=moons()[0]))[1:]
    first = next(str(i) for i, output in enumerate(outputs) if not output.isfinite().all())
    assert trouble.name == first and f"{first} ({trouble.module})" in trouble.sentence()


def nan_at(step):
    """A data function whose batch of a step contains a nan."""
    x, y = moons()
    bad = x.clone()
    bad[3, 1] = math.nan
    counter = itertools.count()
    return lambda: (bad if next(counter) == step else x, y)


def test_a_nan_in_the_batch_is_named():
    model = mlp()
    run = watch(model, CROSS_ENTROPY, nan_at(4), SGD(model.parameters()), steps=10)
    assert (run.trouble.kind, run.trouble.step, run.steps_done) == ("data", 4, 5)


def test_a_nan_of_the_loss_function_is_named():
    model, calls = mlp(), itertools.count()
    loss = lambda output, target: CROSS_ENTROPY(output, target) * (math.nan if next(calls) == 6 else 1)
    run = watch(model, loss, moons(), SGD(model.parameters()), steps=10)
    assert (run.trouble.kind, run.trouble.step) == ("loss", 6)


def test_a_gradient_that_is_not_finite_is_named_before_the_update():
    model = nn.Sequential(nn.Linear(2, 3), Root(), nn.Linear(3, 2))
    with torch.no_grad():
        model[0].weight.zero_(), model[0].bias.zero_()
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=10)
    assert (run.trouble.kind, run.trouble.step, run.trouble.name) == ("backward", 0, "0.bias")
    assert all(parameter.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("large", [0, 10**9])
def test_in_a_loop_of_one_s_own_it_is_only_reported(large, monkeypatch):
    monkeypatch.setattr(monitor, "_LARGE", large)  # how the gradients of large and of small models are searched
    model, (x, y) = mlp(), moons()
    optimizer = SGD(model.parameters())
    with watch(model) as run:
        for i in range(25):
            optimizer.zero_grad()
            loss = CROSS_ENTROPY(model(x), y)
            loss.backward()
            if i == 13:
                model[2].weight.grad[0, 0] = math.inf
            optimizer.step()
            run.step(loss)
    assert (run.trouble.kind, run.trouble.step, run.trouble.name) == ("backward", 13, "2.weight")
    assert run.steps_done == 25


def test_a_step_that_opens_with_an_infinity_names_no_line_of_the_library():
    model = nn.Linear(2, 2)
    with torch.no_grad():
        model.weight.fill_(torch.inf)
    run = watch(model, nn.MSELoss(), (torch.ones(4, 2), torch.ones(4, 2)), torch.optim.SGD(model.parameters()), steps=1)
    problem = run.explore(0).state["problem"]
    assert problem["text"].startswith("t gives inf here") and problem["code"] == "return loss(model(x), y)"


def test_an_update_that_is_not_finite_is_named():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    plain, calls = optimizer.step, itertools.count()

    def step():
        plain()
        if next(calls) == 11:
            with torch.no_grad():
                model[4].bias.fill_(math.inf)

    optimizer.step = step
    run = watch(model, CROSS_ENTROPY, moons(), optimizer, steps=30)
    assert (run.trouble.kind, run.trouble.step, run.trouble.name) == ("update", 11, "4.bias")


def test_large_finite_numbers_are_no_trouble():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    with torch.no_grad():
        model[0].weight.fill_(1e19)
    with watch(model) as run:
        (model(moons()[0]) * 1e10).sum().backward()
        run.step(1.0)
    assert run.trouble is None and run.snapshots[0].gradients[2] > 1e28


# ---- how much is remembered ----


def test_by_default_the_first_ten_steps_and_every_twentieth_are_measured_and_the_last_one():
    model = mlp()
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=46)
    assert [each.step for each in run.snapshots] == [*range(10), 20, 40, 45]


def empty_snapshot(step, restore=None):
    return Snapshot(step, 1.0, (), (), (), (), restore)


def test_snapshots_are_thinned_geometrically():
    kept, most = History(every=1), 0
    for step in range(10_000):
        if kept.is_measured(step):
            kept.add(empty_snapshot(step))
            most = max(most, len(kept.snapshots))
    assert most == history.MOST_SNAPSHOTS and kept.stride == 64
    steps = [each.step for each in kept.snapshots]
    assert steps == list(range(0, 10_000, 64))


def test_losses_are_thinned_and_keep_their_steps():
    losses = Losses()
    for step in range(20_000):
        losses.append(float(step))
    remembered = list(losses)
    assert len(remembered) <= 4096 and all(step == loss for step, loss in remembered) and remembered[-1][0] > 19_990


def test_weights_are_limited_in_bytes(monkeypatch):
    model = mlp()
    size = sum(parameter.numel() * 4 for parameter in model.parameters())
    data = moons()
    batch = sum(tensor.numel() * tensor.element_size() for tensor in data)
    monkeypatch.setattr(history.History.__init__, "__defaults__", (None, batch + 7 * size))
    run = watch(model, CROSS_ENTROPY, data, SGD(model.parameters()), steps=40, every=1)
    openable = [each.step for each in run.snapshots if each.restore]
    assert len(run.snapshots) == 40 and 3 <= len(openable) <= 7 and {0, 39} <= set(openable)
    assert "Only some steps" in " ".join(run.shown["panels"][0]["notes"])
    with pytest.raises(ValueError, match="were not kept"):
        run.explore(next(each.step for each in run.snapshots if not each.restore))


def test_a_model_beyond_the_limit_is_measured_without_copies(monkeypatch):
    monkeypatch.setattr(history.History.__init__, "__defaults__", (None, 100))
    model = mlp()
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=12)
    assert not any(each.restore for each in run.snapshots) and run.snapshots[3].updates[0] > 0
    panel = run.shown["panels"][0]
    assert set(panel["openable"]) == {"0"} and "boundary" not in panel and "No step" in " ".join(panel["notes"])


def test_between_steps_no_output_is_held():
    model, (x, _) = mlp(), moons()
    with watch(model) as run:
        model(x).sum().backward()
        assert len(run._monitor.probe._outputs) == 5
        run.step(1.0)
        assert run._monitor.probe._outputs == []


# ---- choices ----


def choosing(**more):
    options = {"steps": 30, "depth": (1, 6), "activation": ["relu", "tanh"], "lr": (0.001, 10.0)} | more
    return watch(mlp, CROSS_ENTROPY, moons(), torch.optim.SGD, **options)


def test_a_choice_trains_a_new_model_from_the_same_random_numbers():
    seed()
    run = choosing()
    first = run.losses
    run.set(depth=5)
    assert run.losses != first and len(run.model) == 2 * 5 + 1
    run.set(depth=2)
    torch.rand(3), random.random(), np.random.rand()
    assert choosing().losses != first
    run.set(depth=run.spec["controls"][0]["low"] + 1)
    assert run.losses == first


def test_training_with_choices_restores_the_random_numbers_of_the_kernel():
    seed()
    before = torch.get_rng_state(), random.getstate()
    choosing().set(depth=3)
    assert torch.equal(before[0], torch.get_rng_state()) and before[1] == random.getstate()


def test_the_page_s_choice_is_trained_in_slices_to_the_same_end(monkeypatch):
    seed()
    run = choosing(steps=40)
    expected = run.set(depth=4, activation="tanh").losses
    run.set(depth=1)
    monkeypatch.setattr(widget, "_SLICE", 0.0)  # one step a slice
    run.choices = {**run.choices, "depth": 4}
    assert run.shown["is_training"] and run.steps_done == 1
    slices = 0
    while run.shown["is_training"]:
        torch.rand(1)  # another cell, meanwhile
        run._received(None, {"more": run.shown["sequence"]}, [])
        slices += 1
    assert slices == 39 and run.losses == expected


def test_a_newer_choice_ends_the_training_before_it(monkeypatch):
    monkeypatch.setattr(widget, "_SLICE", 0.0)
    run = choosing()
    run.choices = {**run.choices, "depth": 3}
    older = run.shown["sequence"]
    run.choices = {**run.choices, "depth": 1}
    run._received(None, {"more": older}, [])
    assert run.steps_done == 1 and len(run.model) == 3


def test_stop_ends_a_training_with_what_it_has(monkeypatch):
    monkeypatch.setattr(widget, "_SLICE", 0.0)
    run = choosing()
    run.choices = {**run.choices, "depth": 3}
    run._received(None, {"stop": True}, [])
    assert not run.shown["is_training"] and "stopped" in run.shown["panels"][0]["notes"][0]


def test_two_runs_stand_side_by_side_with_the_same_scales():
    run = choosing()
    caption = run.shown["panels"][0]["caption"]
    run.baseline = True
    assert len(run.shown["panels"]) == 1
    run.set(depth=6, activation="tanh")
    new, old = run.shown["panels"]
    assert old["caption"] == caption != new["caption"]
    assert old["loss"]["ticks"] == new["loss"]["ticks"]
    assert all(old["measures"][m]["low"] == new["measures"][m]["low"] for m in old["measures"])
    run.baseline = False
    assert [panel["caption"] for panel in run.shown["panels"]] == [new["caption"]]


def test_an_error_of_a_choice_is_shown_and_the_next_choice_recovers():
    def fragile(depth=1):
        if depth > 2:
            raise ArithmeticError("too deep")
        return mlp(depth)

    run = watch(fragile, CROSS_ENTROPY, moons(), SGD, steps=5, depth=(1, 4))
    run.set(depth=3)
    assert "ArithmeticError: too deep (in fragile, line" in run.shown["problem"] and run.model is None
    assert "too deep" in run.picture()
    run.set(depth=2)
    assert run.shown["problem"] == "" and run.steps_done == 5


def test_an_interrupt_keeps_what_was_there():
    calls = itertools.count()

    def data():
        if next(calls) == 8:
            raise KeyboardInterrupt
        return moons()

    model = mlp()
    run = watch(model, CROSS_ENTROPY, data, SGD(model.parameters()), steps=300)
    assert run.steps_done == 8 and len(run.snapshots) == 8 and hooks_of(model) == 0
    assert "after 8 steps" in run.shown["panels"][0]["notes"][0]


# ---- what is shown ----


def test_the_static_picture_uses_plain_attributes_and_says_what_the_page_says():
    model = mlp()
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=20)
    root = ElementTree.fromstring(run.picture())
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "title", "rect", "g", "path", "text", "circle"}
    assert not any({"id", "class", "style"} & set(element.keys()) for element in root.iter())
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    panel = run.shown["panels"][0]
    for line in panel["measures"]["gradient"]["lines"]:
        assert f"← {line['texts'][-1]}" in texts
    assert panel["loss"]["texts"][-1] in texts and "slower" not in run.picture()


def test_the_picture_of_a_training_is_the_same_each_time():
    pictures = set()
    for _ in range(2):
        model, loss, data, optimizer = made("Adam")
        pictures.add(watch(model, loss, data, optimizer, steps=30).picture())
    assert len(pictures) == 1


def test_the_page_has_a_number_and_a_shade_of_each_line_for_each_snapshot():
    run = choosing(steps=60)
    panel = run.shown["panels"][0]
    count = len(panel["steps"])
    for measure in panel["measures"].values():
        for line in measure["lines"]:
            assert len(line["texts"]) == len(line["shades"]) == count
    boundary = panel["boundary"]
    assert len(boundary["frame_of"]) == count and max(boundary["frame_of"]) == len(boundary["frames"]) - 1
    assert panel["shares"] == sorted(panel["shares"]) and panel["shares"][-1] == 1000


def test_the_boundary_divides_the_classes():
    seed()
    model = mlp()
    run = watch(model, CROSS_ENTROPY, moons(), torch.optim.Adam(model.parameters(), lr=0.02), steps=200)
    boundary = run.shown["panels"][0]["boundary"]
    names = {shape[0] for shape in boundary["frames"][-1]}
    assert names == {"region-0", "region-1", "boundary"}
    assert {shape[0] for shape in boundary["points"]} == {"class-0", "class-1"} and boundary["classes"] == ["0", "1"]


@pytest.mark.parametrize(
    ("model", "loss", "target", "shapes"),
    [
        (
            lambda: nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()),
            nn.BCELoss(),
            lambda y: y.float()[:, None],
            {"boundary"},
        ),
        (lambda: nn.Linear(2, 1), nn.BCEWithLogitsLoss(), lambda y: y.float()[:, None], {"boundary"}),
        (lambda: nn.Linear(2, 1), nn.MSELoss(), lambda y: 0.3 + y.float()[:, None], {"contour"}),
    ],
)
def test_a_single_output_has_a_boundary_or_contours(model, loss, target, shapes):
    x, y = moons()
    seed()
    network = model()
    run = watch(network, loss, (x, target(y)), torch.optim.Adam(network.parameters(), lr=0.1), steps=60)
    assert shapes <= {shape[0] for shape in run.shown["panels"][0]["boundary"]["frames"][-1]}


def test_a_model_of_other_inputs_has_no_boundary():
    model, loss, data, optimizer = made("characters")
    panel = watch(model, loss, data, optimizer, steps=5).shown["panels"][0]
    assert "boundary" not in panel
    assert [(row["path"], row["kind"]) for row in panel["rows"]] == [
        ("embedding", "Embedding"),
        ("rnn", "GRU"),
        ("head", "Linear"),
    ]
    assert len([line for line in panel["measures"]["gradient"]["lines"] if line["row"] == 1]) == 4


def test_a_deep_model_shows_an_activation_in_the_row_of_its_layer_and_a_deeper_one_blocks():
    model = mlp(depth=20)
    panel = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=2).shown["panels"][0]
    assert len(panel["rows"]) == 21 and panel["rows"][0]["kind"] == "Linear → ReLU"
    blocks = nn.Sequential(nn.Linear(2, 4), *(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)) for _ in range(40)))
    panel = watch(blocks, CROSS_ENTROPY, moons(), SGD(blocks.parameters()), steps=2).shown["panels"][0]
    assert len(panel["rows"]) == 41 and panel["measures"]["gradient"]["lines"][5]["name"] == "4 ×"


def test_rows_are_in_the_order_in_which_modules_run():
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.last, self.first = nn.Linear(4, 2), nn.Linear(2, 4)

        def forward(self, x):
            return self.last(self.first(x).tanh())

    model = Backwards()
    panel = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=2).shown["panels"][0]
    assert [row["path"] for row in panel["rows"]] == ["first", "last"]


def test_a_zero_gradient_has_a_shade_of_its_own():
    model = mlp()
    with torch.no_grad():
        model[0].bias.fill_(-100.0)
    panel = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=3).shown["panels"][0]
    assert panel["measures"]["gradient"]["lines"][0]["shades"] == "zzz"
    assert panel["measures"]["dead"]["lines"][0]["texts"][0] == "100%"


def test_its_text_says_how_it_went_in_both_languages():
    model = mlp()
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=3)
    assert re.fullmatch(r"training of Sequential: Step 2, loss 0\.\d+\.", repr(run))
    language.use("zh")
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=3)
    assert re.fullmatch(r"Sequential的训练: 第2步，损失0\.\d+。", repr(run))


def test_the_example_of_the_docstring_runs():
    found = doctest.DocTestFinder().find(watch, "watch", globs={"watch": watch})
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(found[0]).failed == 0 and runner.tries > 5


def test_the_cost_is_reported_once_the_run_is_over():
    model = mlp()
    run = watch(model, CROSS_ENTROPY, moons(), SGD(model.parameters()), steps=30)
    assert re.search(r"about \d+% slower", run.shown["panels"][0]["cost"])


def test_a_loop_of_one_s_own_goes_on_in_a_second_block():
    model, loss, (x, y), optimizer = made("SGD")
    run = watch(model)
    for _ in range(2):
        with run:
            for _ in range(3):
                optimizer.zero_grad()
                value = loss(model(x), y)
                value.backward()
                optimizer.step()
                run.step(value)
    assert [each.step for each in run.snapshots] == list(range(6))


# ---- how the modules are connected ----


class Branches(nn.Module):
    """A skip around `b`, an input that goes around all, a module that runs twice, and two branches that meet."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.twice = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)
        self.left, self.right, self.last = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(4, 2)

    def forward(self, x):
        h = self.a(x)
        h = self.twice(self.twice(h + self.b(h).relu()))
        return x + self.last(torch.cat([self.left(h), self.right(h)], dim=1))


class Residual(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(2, 2) for _ in range(blocks))

    def forward(self, x):
        for block in self.blocks:
            x = (x + block(x)).relu()
        return x


def shown_of(model, every=1):
    batch = moons()
    run = watch(model, CROSS_ENTROPY, batch, SGD(model.parameters()), steps=3, every=every)
    return run, run.shown["panels"][0]


def test_the_network_has_its_skips_and_branches():
    seed()
    run, panel = shown_of(Branches())
    assert [row["path"] for row in panel["rows"]] == ["a", "b", "twice", "left", "right", "last"]
    assert {link["text"] for link in panel["links"]} == {
        "a → twice", "twice → right", "left → last", "input → output",
    }  # fmt: skip
    chained = dict(zip(["input", *(row["path"] for row in panel["rows"])], panel["chained"], strict=True))
    assert chained == {"input": True, "a": True, "b": True, "twice": True, "left": False, "right": True, "last": True}
    lanes = {link["text"]: link["lane"] for link in panel["links"]}
    assert lanes["a → twice"] == lanes["twice → right"] == 0 and lanes["input → output"] == 2
    assert run.picture().count(">input<") == run.picture().count(">output<") == 1


def test_each_block_of_a_long_residual_chain_is_bridged_once():
    seed()
    _, panel = shown_of(Residual(20))
    names = ["input", *(f"blocks.{i}" for i in range(20)), "output"]
    bridged = {f"{before} → {after}" for before, after in zip(names, names[2:], strict=False)}
    assert {link["text"] for link in panel["links"]} == bridged
    assert {link["lane"] for link in panel["links"]} == {0, 1} and all(panel["chained"])


def test_a_chain_has_no_brackets_and_a_module_that_runs_after_a_later_one_leads_back():
    seed()
    assert shown_of(mlp())[1]["links"] == []

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.turn = nn.Linear(2, 2), nn.Linear(2, 2)

        def forward(self, x):
            for _ in range(3):
                x = self.turn(self.cell(x))
            return x

    assert [link["text"] for link in shown_of(Recurrent())[1]["links"]] == ["turn → cell"]


def test_two_outputs_in_a_dict_are_two_branches():
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.one, self.two = nn.Linear(2, 4), nn.Linear(4, 2), nn.Linear(4, 1)

        def forward(self, x):
            h = self.body(x)
            return {"one": self.one(h), "two": self.two(h)}

    model = Heads()
    loss = lambda result, y: CROSS_ENTROPY(result["one"], y) + result["two"].square().mean()
    panel = watch(model, loss, moons(), SGD(model.parameters()), steps=2).shown["panels"][0]
    assert {link["text"] for link in panel["links"]} == {"body → two", "one → output"}
    assert panel["chained"] == [True, True, False, True]


def test_where_the_connections_are_unknown_the_picture_says_so():
    class Uncopied(nn.Sequential):
        def __deepcopy__(self, memo):
            raise RuntimeError("no copies")

    run, panel = shown_of(Uncopied(nn.Linear(2, 4), nn.Linear(4, 2)))
    assert panel["chained"] == [] and any("connected is unknown" in note for note in panel["notes"])
    assert "connected is unknown" in run.picture()


def test_looking_at_the_connections_changes_nothing_outside():
    """The model prints, draws from every generator and counts its calls; its copy does that, and nobody hears of it."""

    class Noisy(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.calls = nn.Linear(2, 2), 0

        def forward(self, x):
            self.calls += 1
            noise = random.random() + np.random.rand() + torch.rand(1)
            return self.inner(x + noise)

    states = []
    for is_watched in (True, False):
        seed()
        random.seed(0), np.random.seed(0)
        model, (x, y) = Noisy(), moons()
        optimizer = SGD(model.parameters())
        with watch(model) if is_watched else contextlib.nullcontext() as run:
            for _ in range(3):
                optimizer.zero_grad()
                loss = CROSS_ENTROPY(model(x), y)
                loss.backward()
                optimizer.step()
                if run is not None:
                    run.step(loss)
                    run.refresh()
        drawn = random.random(), np.random.rand(), torch.rand(1).item(), model.calls
        states.append((*drawn, model.inner.weight.tolist()))
    assert states[0] == states[1]


# ---- a loop of one's own that does something unusual ----


def a_step(run, model, optimizer):
    x, y = moons()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    run.step(loss)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_that_is_made_while_the_model_is_watched_is_not_watched(copied):
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model) as run:
        a_step(run, model, optimizer)
        probe = run._monitor.probe
        other = copied(model)
        before = len(probe._outputs)
        assert torch.equal(other(moons()[0]), model(moons()[0]))
        assert len(probe._outputs) == before + len(run.module_names)  # of the model's call alone
        for module in other.modules():
            hooks = [*module._forward_hooks.values(), *module._forward_pre_hooks.values()]
            assert all(getattr(hook, "__name__", "") == "_ignore" for hook in hooks)
        a_step(run, model, optimizer)
    assert run.steps_done == 2


def test_a_lazy_model_is_watched_in_a_loop_of_one_s_own():
    model = nn.Sequential(nn.LazyLinear(4), nn.Tanh(), nn.LazyLinear(2))
    with watch(model) as run:
        for _ in range(3):
            nn.functional.cross_entropy(model(moons()[0]), moons()[1]).backward()
            run.step(0.5)
    assert run.steps_done == 3 and run.snapshots[-1].gradients[0] > 0


def test_a_step_of_a_model_that_has_other_parameters_now_says_so_instead_of_opening():
    model = mlp()
    with watch(model) as run:
        a_step(run, model, torch.optim.SGD(model.parameters(), lr=0.1))
    model.add_module("more", nn.Linear(2, 2))
    with pytest.raises(ValueError, match="other parameters now"):
        run.explore(0)


def test_a_step_without_a_call_of_the_model_says_so_instead_of_opening():
    with watch(mlp()) as run:
        run.step(1.0)
    with pytest.raises(ValueError, match="was not called as a whole"):
        run.explore(0)


@pytest.mark.parametrize(
    ("loss", "text"), [(1j, "complex"), (torch.tensor(1j), "complex"), ("a", "str"), (None, "None")]
)
def test_a_loss_that_is_no_number_is_refused(loss, text):
    with watch(mlp()) as run, pytest.raises(TypeError, match=rf"run\.step.*{text}"):
        run.step(loss)


def test_a_loss_may_be_a_number_of_numpy_and_one_that_no_float_holds_is_infinite():
    with watch(mlp()) as run:
        run.step(np.float32(0.5))
        run.step(10**400)
    assert run.losses == [(0, 0.5), (1, math.inf)]


@pytest.mark.parametrize("step", ["a", math.nan, [], 10**400])
def test_a_step_to_open_must_be_a_number(step):
    with watch(mlp()) as run:
        run.step(1.0)
    with pytest.raises(TypeError, match="number of a step"):
        run.explore(step)


def test_a_page_that_asks_for_a_step_that_has_gone_gets_an_answer(monkeypatch):
    with watch(mlp()) as run:
        run.step(1.0)
    sent = []
    monkeypatch.setattr(TrainingRun, "send", lambda self, content: sent.append(content))
    for which in ([0, 99], [9, 0]):
        run._received(run, {"open": which}, [])
    assert [list(each) for each in sent] == [["not_opened"]] * 2
    assert run.explorer is None
