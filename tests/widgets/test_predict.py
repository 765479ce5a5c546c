"""predict: no answer is sent before the learner records a prediction, which a reopened notebook shows again."""

import re

import pytest

from helpers import language, predict
from seeing_gradients.course.exercises import all_predictions, prediction
from tests.course.answers import predicted

EVERY = pytest.mark.parametrize("spec", all_predictions(), ids=lambda spec: spec.id)
LANGUAGES = pytest.mark.parametrize("chosen", ["en", "zh"])
TRUE = {"00.p1": 6.0, "02.p1": 12.0, "02.p2": 7.0, "02.p3": 2, "02.p4": 24.0, "02.p5": 5.76} | predicted()


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))


def press(widget, action, answer=None):
    """Send what the page sends when a button is pressed."""
    widget.sent = {"action": action, "answer": answer, "count": str(object())}
    return widget.state


def wrong(spec):
    return 0 if spec.kind == "choice" else "9"


@EVERY
def test_the_actual_answer_is_what_pytorch_gives(spec):
    assert spec.actual() == TRUE[spec.id]


@EVERY
@LANGUAGES
def test_nothing_is_given_away_before_the_learner_commits(spec, chosen):
    language.use(chosen)
    widget = predict(spec.id)
    sent_to_page = repr(widget.card) + repr(widget.state) + repr(widget._repr_mimebundle_())
    assert str(spec.why) not in sent_to_page
    assert spec.kind == "choice" or not re.search(rf"(?<![\d.]){TRUE[spec.id]:g}(?![\d.]*\d)", repr(widget))
    assert press(widget, "compare")["stage"] == "open"
    assert press(widget, "record", wrong(spec))["stage"] == "recorded"
    assert str(spec.why) not in widget.state["text"] + widget.state["why"]


@pytest.mark.parametrize("spec", [s for s in all_predictions() if s.kind == "slider"], ids=lambda spec: spec.id)
def test_a_slider_does_not_begin_at_the_answer(spec):
    assert abs((spec.low + spec.high) / 2 - TRUE[spec.id]) > spec.tolerance


@EVERY
@LANGUAGES
def test_after_recording_the_answer_can_be_compared(spec, chosen):
    language.use(chosen)
    widget = predict(spec.id)
    press(widget, "record", wrong(spec))
    state = press(widget, "compare")
    assert state["stage"] == "compared" and state["why"] == str(spec.why)
    assert widget._text(TRUE[spec.id]) in state["text"] and widget._text(widget.answer) in state["text"]


def test_a_right_prediction_and_a_close_one_are_told_apart():
    for answer, said in (("5.76", "so does PyTorch"), ("5.75", "Close"), ("3", "PyTorch gives 5.76")):
        widget = predict("02.p5")
        widget.state, widget.answer = {**widget.state, "stage": "open"}, None
        press(widget, "record", answer)
        assert said in press(widget, "compare")["text"]


@pytest.mark.parametrize(("answer", "said"), [(2, "that is right"), (0, "The answer is “3, what the sum sends”.")])
def test_a_choice_about_a_mistake_is_not_compared_with_pytorch(answer, said):
    widget = predict("08.p2")
    press(widget, "record", answer)
    text = press(widget, "compare")["text"]
    assert said in text and "PyTorch" not in text


def test_skipping_is_allowed_and_the_answer_can_still_be_seen():
    widget = predict("02.p1")
    assert press(widget, "skip")["stage"] == "skipped"
    assert press(widget, "compare")["text"] == "PyTorch gives 12."


def test_a_reopened_notebook_shows_what_was_recorded():
    press(predict("02.p1"), "record", "6")
    again = predict("02.p1")
    assert again.state["stage"] == "recorded" and "Recorded: 6" in repr(again)
    assert press(again, "record", "12")["stage"] == "recorded" and again.answer == 6


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("-0.5", -0.5),
        (" 3 ", 3),
        ("−2", -2),
        ("1,5", 1.5),
        ("1e2", 100),
        ("3/2", 1.5),
        ("−½", -0.5),
        ("－３．５", -3.5),
    ],
)
def test_numbers_may_be_typed_as_people_type_them(typed, number):
    widget = predict("02.p1")
    press(widget, "record", typed)
    assert widget.answer == number


@pytest.mark.parametrize("typed", ["", "twelve", "nan", "inf", "1 2", "1/0", "/", None, {}, [1]])
def test_what_is_no_number_is_not_recorded(typed):
    state = press(predict("02.p1"), "record", typed)
    assert state["stage"] == "open" and "type a number" in state["problem"]
    assert predict("02.p1").state["stage"] == "open"


@pytest.mark.parametrize("typed", ["102,400", "-1,234,567", "１,２３４", "1,234"])
def test_a_comma_before_three_digits_is_asked_back(typed):
    state = press(predict("06.p1"), "record", typed)
    assert state["stage"] == "open" and "without it" in state["problem"]
    assert press(predict("06.p1"), "record", "0,125")["stage"] == "recorded"


@pytest.mark.parametrize("place", [None, -1, 4, "2", 1.0, True])
def test_a_choice_that_does_not_exist_is_not_recorded(place):
    state = press(predict("02.p3"), "record", place)
    assert state["stage"] == "open" and "choose one" in state["problem"]


@EVERY
def test_the_saved_notebook_shows_the_question_with_its_choices(spec):
    data, _ = predict(spec.id)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    for kind in ("text/plain", "text/html"):
        assert all(str(option).split(" ")[0] in data[kind] for option in spec.options)
    assert "Run this cell to record" in data["text/html"] and spec.id in data["text/plain"]


def test_an_unknown_prediction_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"02\.p1, 02\.p2"):
        predict("02.p77")


def test_a_prediction_of_another_version_of_the_course_is_asked_again():
    from helpers import progress

    progress.predicted("02.p3", 17)
    assert predict("02.p3").state["stage"] == "open"
    assert prediction("02.p3").kind == "choice"
