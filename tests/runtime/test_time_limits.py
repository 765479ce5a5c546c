"""The limit on the time that a piece of code may take."""

import contextlib
import gc
import importlib
import signal
import sys
import threading
import time
import weakref

import pytest

from seeing_gradients import runtime
from seeing_gradients.runtime import TimeLimitError, time_limit, time_limits


def spin():
    while True:
        pass


def stubborn():
    while True:
        try:
            sum(range(100))
        except BaseException:  # noqa: BLE001, S112, that is the point
            continue


def stopped(work, seconds=0.1):
    with pytest.raises(TimeLimitError), time_limit(seconds) as limit:
        work()
    return limit.expired


@pytest.mark.parametrize("work", [spin, stubborn])
def test_an_endless_loop_is_stopped(work):
    assert stopped(work)


@pytest.mark.parametrize("work", [spin, stubborn])
def test_an_endless_loop_in_another_thread_is_stopped(work):
    result = []
    thread = threading.Thread(target=lambda: result.append(stopped(work)))
    thread.start()
    thread.join(60)
    assert result == [True]


def test_code_that_is_done_in_time_is_left_alone():
    with time_limit(30) as limit:
        total = sum(range(1000))
    assert total == 499_500 and not limit.expired


def test_the_outer_of_two_limits_holds():
    with pytest.raises(TimeLimitError), time_limit(0.1) as outer, time_limit(30) as inner:
        spin()
    assert outer.expired and not inner.expired


def test_after_an_inner_limit_the_outer_goes_on():
    with pytest.raises(TimeLimitError), time_limit(0.4) as outer:
        with pytest.raises(TimeLimitError), time_limit(0.1) as inner:
            spin()
        assert inner.expired and not outer.expired
        spin()
    assert outer.expired


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has no timer signal")
def test_the_timer_signal_is_handed_back():
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(30):
        pass
    assert signal.getsignal(signal.SIGALRM) == before and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has no timer signal")
def test_an_alarm_on_its_way_while_a_limit_is_taken_down_leaves_no_timer_that_would_end_the_process(monkeypatch):
    set_timer = signal.setitimer

    def with_one_on_its_way(which, seconds, interval=0.0):
        before = set_timer(which, seconds, interval)
        if not seconds:
            signal.raise_signal(signal.SIGALRM)
        return before

    monkeypatch.setattr(signal, "setitimer", with_one_on_its_way)
    with time_limit(30):
        pass
    left = set_timer(signal.ITIMER_REAL, 0.0)  # before anything else: else it would end the tests
    assert left == (0.0, 0.0)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has no timer signal")
def test_an_alarm_raises_nothing_where_a_limit_is_being_taken_down():
    names = {}
    exec(compile("import sys; frame = sys._getframe()", time_limits.__file__, "exec"), names)  # noqa: S102
    with time_limit(30) as limit:
        alarm = signal.getsignal(signal.SIGALRM)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        limit._deadline = 0.0
        alarm(signal.SIGALRM, names["frame"])
        assert not limit.expired
        with pytest.raises(TimeLimitError):
            alarm(signal.SIGALRM, sys._getframe())
    assert limit.expired and not time_limits._limits()


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_seconds_must_be_positive(seconds):
    with pytest.raises(ValueError, match="positive"):
        time_limit(seconds)


def test_no_limit_lets_code_take_its_time():
    with time_limit(None) as limit:
        time.sleep(0.01)
    assert not limit.expired


def in_a_thread(work):
    """What work() returns in another thread, where the limit has no signal to use."""
    result, raised = [], []

    def run():
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - shown below
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive() and raised == []
    return result[0]


def test_a_limit_that_ends_while_threads_are_started_leaves_none_of_them_dead_and_nobody_waiting():
    def work():
        for n in range(100):
            with contextlib.suppress(TimeLimitError), time_limit(1e-4 * (1 + n % 9)):
                while True:
                    threading.Thread(target=int).start()
        return "done"

    assert in_a_thread(work) == "done"


@pytest.mark.parametrize("seconds", [1e-6, 1e-4, 1e-3])
def test_a_limit_that_is_over_at_once_is_raised_inside_its_block_and_nowhere_else(seconds):
    def work():
        raised = 0
        for _ in range(200):
            limit = time_limit(seconds)
            try:
                with limit:
                    spin()
            except TimeLimitError:
                raised += limit.expired
            for _ in range(100):
                pass
        return raised

    assert in_a_thread(work) == 200 and in_a_thread(lambda: time_limits._limits()) == []


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A function that makes a module of some source text; it is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, source):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
        return name

    return write


@pytest.mark.parametrize("run", [lambda work: work(), in_a_thread], ids=["main thread", "another thread"])
def test_an_import_is_never_broken_off_and_what_follows_has_its_time_anew(run, module):
    name = module("slow_to_import", "import time\ntime.sleep(1.49)\ndone = True\n")  # about to be due a third time

    def work():
        with time_limit(0.5) as limit:
            found = importlib.import_module(name)
            time.sleep(0.1)
        return found.done and not limit.expired

    assert run(work)


@pytest.mark.parametrize("run", [lambda work: work(), in_a_thread], ids=["main thread", "another thread"])
def test_a_loop_after_a_slow_import_is_stopped(run, module):
    name = module("slow_as_well", "import time\ntime.sleep(0.4)\n")
    assert run(lambda: stopped(lambda: (importlib.import_module(name), spin())))


@pytest.mark.parametrize("run", [lambda work: work(), in_a_thread], ids=["main thread", "another thread"])
def test_an_import_that_never_ends_is_stopped_at_last(run, module, monkeypatch):
    monkeypatch.setattr(time_limits, "_LONGEST_IMPORT", 0.3)
    name = module("endless", "while True:\n    pass\n")
    assert run(lambda: stopped(lambda: importlib.import_module(name)))


class Cleanup:
    """Somebody's clean-up that takes a while: what it began, and what it finished; how Python comes to run it."""

    def __init__(self, seconds):
        self.seconds, self.begun, self.finished = seconds, 0, 0

    def __call__(self, *_):
        self.begun += 1
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            pass
        self.finished += 1

    def destructor(self):
        class Thing:
            def __del__(_):
                self()

        Thing()

    def weak_reference(self):
        thing = set()
        reference = weakref.ref(thing, self)
        del thing
        assert reference() is None

    def finalizer(self):
        thing = set()
        weakref.finalize(thing, self)
        del thing

    def collector(self):
        gc.callbacks.append(self)
        try:
            gc.collect(0)
        finally:
            gc.callbacks.remove(self)

    def generator(self):
        def numbers():
            try:
                yield 1
            finally:
                self()

        next(numbers())

    def unraisable_hook(self):
        class Thing:
            def __del__(_):
                raise ValueError("the hook is told")

        Thing()

    def exit(self):
        class Block:
            def __enter__(_):
                self()

            def __exit__(_, *raised):
                self()

        with Block():
            pass

    def function(self):
        @runtime.undisturbed
        def clean_up():
            self()

        clean_up()


WAYS = [name for name in vars(Cleanup) if not name.startswith("_")]
THREADS = pytest.mark.parametrize("run", [lambda work: work(), in_a_thread], ids=["main thread", "another thread"])


@pytest.fixture
def unraisable(monkeypatch):
    """What sys.unraisablehook is told, and a list of what it does then."""
    told, reactions = [], []

    def hook(unraisable):
        told.append(unraisable.exc_type)
        for reaction in reactions:
            reaction()

    monkeypatch.setattr(sys, "unraisablehook", hook)
    yield told, reactions
    assert sys.unraisablehook is hook


@THREADS
@pytest.mark.parametrize("way", WAYS)
def test_a_clean_up_is_not_broken_off_and_what_follows_is(run, way, unraisable):
    told, reactions = unraisable
    cleanup = Cleanup(0.15)
    if way == "unraisable_hook":
        reactions.append(cleanup)
    assert run(lambda: stopped(lambda: (getattr(cleanup, way)(), spin())))
    assert cleanup.begun == cleanup.finished > 0
    assert told == ([ValueError] if way == "unraisable_hook" else [])


@THREADS
@pytest.mark.parametrize("way", WAYS)
def test_a_clean_up_that_never_ends_is_stopped_at_last_and_nobody_hears_of_it(run, way, unraisable, monkeypatch):
    monkeypatch.setattr(time_limits, "_LONGEST_CLEANUP", 0.2)
    told, reactions = unraisable
    cleanup = Cleanup(60)
    if way == "unraisable_hook":
        reactions.append(cleanup)
    assert run(lambda: stopped(lambda: (getattr(cleanup, way)(), spin())))
    assert not cleanup.finished and TimeLimitError not in told


@THREADS
def test_however_often_a_limit_strikes_what_cleans_up_is_whole(run, unraisable):
    told, reactions = unraisable
    cleanup = Cleanup(1e-5)
    reactions.append(cleanup)

    def untidy():
        while True:
            for way in WAYS:
                getattr(cleanup, way)()

    def work():
        return [stopped(untidy, 1e-4 * (1 + number % 13)) for number in range(100)]

    assert all(run(work))
    assert set(told) == {ValueError}
    if run is not in_a_thread:  # there an error that is on its way may find a clean-up that has just begun
        assert cleanup.begun == cleanup.finished


def test_what_runs_outside_the_block_does_not_make_its_limit_wait():
    class Outside:
        def __enter__(self):
            began = time.monotonic()
            assert stopped(spin)
            return time.monotonic() - began

        def __exit__(self, *raised):
            pass

    with Outside() as seconds:
        assert seconds < time_limits._LONGEST_CLEANUP
