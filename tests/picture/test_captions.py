"""draw needs no decision of the caller: what it decided by itself stands in the caption."""

import re

import pytest
import torch
from torch import nn

from helpers import draw, language
from seeing_gradients.picture import theme
from seeing_gradients.picture.export import dot, mermaid
from seeing_gradients.recorder import NoGradError, OutputError, VectorOutputError, record


def caption(picture, colour=theme.MUTED):
    """The sentences of a colour below the graph, as one text."""
    line = rf'<text x="14" y="[\d.]+" font-size="12" text-anchor="start" fill="{colour}">([^<]*)</text>'
    return " ".join(re.findall(line, picture.svg))


def frozen():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    return model.requires_grad_(False)


def test_a_vector_output_is_drawn_with_ones_and_the_caption_says_so():
    torch.manual_seed(0)
    model, x = nn.Linear(4, 2), torch.ones(3, 4)
    picture = draw(model, x)
    assert "torch.ones(3, 2)" in caption(picture) and "sum" in caption(picture)
    with_vector = draw(model, x, gradient=torch.ones(3, 2))
    assert not caption(with_vector)
    assert re.findall(r"← [^<]*", picture.text) == re.findall(r"← [^<]*", with_vector.text)
    r = record(model, x, strict=False)
    assert torch.equal(r.parameters["weight"], torch.ones(2, 4) * 3.0) and r.complete


def test_a_scalar_output_needs_no_caption():
    assert not caption(draw(lambda x: (x * x).sum(), x=[1.0, 2.0]))
    assert not caption(draw(lambda x: x * x, x=[1.0]))


@pytest.mark.parametrize("model", [frozen(), nn.ReLU()])
def test_a_frozen_model_is_drawn_forward_and_the_caption_says_so(model):
    picture = draw(model, torch.ones(1, 4), opened="all")
    assert "nothing in it requires grad" in caption(picture) and "ReLU" in picture.svg
    assert "stopped early" not in picture.text and caption(picture) in picture.text
    assert "←" not in picture.svg


def test_an_operation_without_a_history_says_nothing_about_a_gradient():
    svg = draw(lambda x, n: (x * (n + 1).float()).sum(), torch.ones(2, requires_grad=True), torch.tensor([1, 2])).svg
    assert "← [2, 3]" in svg and "None" not in svg


def test_the_circles_of_a_broken_edge_say_where_it_goes_on():
    def f(x):
        for k in range(12):
            x = x * k if k % 2 else torch.sin(x)
        return x

    svg = draw(f, x=1.0, direction="right", fold=False).svg
    assert svg.count("<title>continues at the other circle with the number 1</title>") == 2


def test_a_cut_output_is_drawn_with_its_cut_edges():
    picture = draw(lambda x: (x * x).argmax(), x=[1.0, 2.0])
    assert "every path to it is cut" in caption(picture) and "stroke-dasharray" in picture.svg


def test_integers_are_drawn_forward():
    assert "Only the forward pass" in caption(draw(lambda x: x * 2, torch.tensor([1, 2])))


def test_complex_outputs_are_drawn_with_ones():
    z = torch.tensor([1 + 2j, 3.0], requires_grad=True)
    picture = draw(lambda z: z * z, z)
    assert "complex" in caption(picture) and "real part" in caption(picture)
    r = record(lambda z: z * z, z, strict=False)
    (z * z).sum().real.backward()
    assert torch.equal(r.grads["z"], z.grad)


@pytest.mark.parametrize("output", [lambda x: x[:0], lambda x: x.half(), lambda x: (x * x).to_sparse()])
def test_outputs_of_any_form_are_drawn_with_ones(output):
    assert "torch.ones" in caption(draw(output, x=[1.0, 2.0]))


def test_an_input_with_a_history_is_drawn_with_its_gradient():
    x = torch.ones(3, requires_grad=True) * 2
    assert not caption(draw(lambda x: (x * x).sum(), x))


def test_the_output_taken_by_itself_is_named_in_the_caption():
    def f(x):
        return {"loss": (x * x).sum(), "logits": x}

    assert "the tensor at loss" in caption(draw(f, x=[1.0, 2.0]))
    assert not caption(draw(f, x=[1.0, 2.0], output="loss"))
    with pytest.raises(OutputError, match="logits"):
        draw(lambda x: (x, {"logits": x}), x=1.0)


def test_record_itself_stays_strict():
    with pytest.raises(VectorOutputError):
        record(nn.Linear(4, 2), torch.ones(4))
    with pytest.raises(NoGradError):
        record(frozen(), torch.ones(4))
    with pytest.raises(NoGradError):
        draw(frozen(), torch.ones(4), strict=True)


def test_the_caption_is_in_the_language_of_the_lesson_and_within_the_picture():
    language.use("zh")
    try:
        picture = draw(nn.Linear(4, 2), torch.ones(3, 4))
    finally:
        language.use("en")
    assert "各元素之和" in caption(picture).replace(" ", "")  # wherever its lines end
    height = float(re.search(r'height="([\d.]+)"', picture.svg)[1])
    assert all(float(y) < height for y in re.findall(r'<text x="14" y="([\d.]+)"', picture.svg))


def test_the_text_formats_say_it_too():
    r = record(frozen(), torch.ones(4), strict=False)
    assert "requires grad" in mermaid(r) and "requires grad" in dot(r)


# ---- an operation that fails ----


def failing(n=3):
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(n, 2), nn.ReLU()))


def test_where_shapes_do_not_fit_the_picture_ends_with_the_operation_in_the_colour_of_errors():
    picture = draw(failing(), torch.ones(2, 3))
    said = caption(picture, theme.BAD)
    assert "2.0: linear failed" in said and "2.0.weight (2, 3)" in said and "mat1 and mat2" in said
    outline = f'stroke="{theme.BAD}" stroke-width="3.5"'
    assert picture.svg.count(outline) == 1 and "✗" in picture.svg
    assert picture.text.startswith("Sequential(input) = ✗")
    assert "mat1 and mat2" in picture.text


def test_the_modules_around_the_failure_are_open_and_those_that_did_not_run_are_no_error():
    picture = draw(failing(), torch.ones(2, 3), opened=["2", "nowhere"])
    assert ">2.0.weight<" in picture.svg


def test_an_error_of_python_is_raised():
    with pytest.raises(KeyError):
        draw(lambda x: x * {}["key"], x=1.0)
    with pytest.raises(ZeroDivisionError):
        draw(lambda x: x * x * (1 / 0), x=1.0)


def test_a_failed_record_is_exported(tmp_path):
    for suffix in ("svg", "mmd", "dot", "json"):
        draw(failing(), torch.ones(2, 3), path=tmp_path / f"graph.{suffix}")
        assert "linear" in (tmp_path / f"graph.{suffix}").read_text(encoding="utf-8")


def test_the_caption_of_a_failure_is_in_the_language_of_the_lesson():
    language.use("zh")
    try:
        assert "出错，位于第" in caption(draw(lambda x, w: x @ w, torch.ones(2, 3), torch.ones(4)), theme.BAD)
    finally:
        language.use("en")


@pytest.mark.parametrize(("chosen", "words"), [("en", "3 ops, 9 params"), ("zh", "3个运算，9个参数")])
def test_a_closed_module_says_in_the_language_in_use_what_it_holds(chosen, words):
    language.use(chosen)
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    picture = draw(lambda x: model(x).sum(), x=torch.ones(1, 2))
    language.use("en")
    assert f">{words}<" in picture.svg
