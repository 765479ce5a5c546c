"""Recordings of widgets: what they hold is what PyTorch computes, and their limits give advice."""

import json
import re
import zlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seeing_gradients import descend, explore, secant
from seeing_gradients.widgets.recorded import RecordingTooLargeError, record_widget
from seeing_gradients.widgets.recorded.packing import pack, unpack


def squared_error(w, b):
    return (w * 2.0 + b - 7.0) ** 2


@given(st.lists(st.text(alphabet="ab 0123456789.-e−infa\n", max_size=30), max_size=12))
def test_packed_texts_come_back_as_they_were(texts):
    assert unpack(pack(texts)) == texts


def test_a_page_inflates_what_python_compressed():
    recording = record_widget(explore(squared_error, w=(-5.0, 5.0), b=1.0), positions=3, parts=(), progress=False)
    text = zlib.decompress(recording.compressed, -15).decode()
    assert json.loads(text) == json.loads(recording.to_json()) and recording.size < len(text)


def test_the_recorded_widget_itself_is_not_moved():
    explorer = explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0)).set(w=2.0)
    before = explorer.sliders, explorer.state, explorer.cuts, explorer.saved_tensors
    record_widget(explorer, positions=3, variant_positions=2, progress=False)
    assert (explorer.sliders, explorer.state, explorer.cuts, explorer.saved_tensors) == before
    explorer.set(w=3.0)
    assert explorer.record.grads["w"].item() == 4 * (3 * 2 + explorer.position["b"] - 7)


def test_a_fragment_holds_its_data_and_the_static_picture():
    fragment = record_widget(secant(torch.sin, 1.0), positions=16, progress=False).html_fragment("one")
    assert 'id="one"' in fragment and "<svg" in fragment and re.search(r'sg-recorded-data">[\w+/=]+<', fragment)


def test_too_large_a_recording_names_the_argument_to_lower():
    with pytest.raises(RecordingTooLargeError, match="Lower positions"):
        record_widget(descend(squared_error, w=(-1.0, 6.0), b=(-4.0, 6.0)), positions=3, max_bytes=2000, progress=False)
