"""What is printed inside a with block goes where it is sent, of this thread alone unless all are wanted."""

import io
import sys
import threading

from seeing_gradients.runtime import LastLines, capture_output, discard_output


def print_in_a_thread(text):
    thread = threading.Thread(target=print, args=(text,))
    thread.start()
    thread.join()


def test_the_output_of_this_thread_is_captured_and_others_print_as_ever(capsys):
    text = io.StringIO()
    with capture_output(text):
        print("mine")
        print("error", file=sys.stderr)
        print_in_a_thread("other")
    assert text.getvalue() == "mine\nerror\n" and capsys.readouterr().out == "other\n"


def test_the_output_of_all_threads_is_captured_where_that_is_wanted(capsys):
    text = io.StringIO()
    with capture_output(text, all_threads=True):
        print_in_a_thread("other")
    assert text.getvalue() == "other\n" and capsys.readouterr().out == ""


def test_discarded_output_may_leave_the_error_stream_alone(capsys):
    with discard_output(stderr=False):
        print("dropped")
        print("shown", file=sys.stderr)
    assert capsys.readouterr() == ("", "shown\n")


def test_the_last_lines_are_kept_and_long_ones_cut_off():
    lines = LastLines()
    for i in range(20):
        print(i, file=lines)
    print("x" * 300, file=lines)
    assert lines.text().split("\n") == ["16", "17", "18", "19", "x" * 200]
