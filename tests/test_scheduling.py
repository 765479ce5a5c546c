"""The files of a run are spread over its processes, so that one of three starts no browser."""

from collections import OrderedDict
from types import SimpleNamespace

import pytest

from tests.scheduling import put_others_first, pytest_xdist_make_scheduler

FILES = ["tests/browser/test_a.py", "tests/browser/test_b.py", "tests/picture/test_c.py", "tests/test_d.py"]


class Process:
    """What the scheduler sees of one process: its name, and the numbers of the tests that it was sent."""

    shutting_down = False

    def __init__(self, name):
        self.gateway, self.sent = SimpleNamespace(id=name), []

    def send_runtest_some(self, numbers):
        self.sent += numbers


def test_files_that_need_no_browser_come_first_in_their_order():
    files = OrderedDict.fromkeys(FILES)
    taken = []
    while files:
        put_others_first(files)
        taken.append(files.popitem(last=False)[0])
    assert taken == FILES[2:] + FILES[:2]


@pytest.mark.parametrize(("dist", "count"), [("loadfile", 2), ("load", 3), ("no", 0)])
def test_another_distribution_is_left_as_it_is(dist, count):
    config = SimpleNamespace(getoption={"dist": dist, "tx": ["popen"] * count}.get)
    assert pytest_xdist_make_scheduler(config, None) is None


def test_of_three_processes_the_first_begins_with_what_needs_no_browser():
    options = {"dist": "loadfile", "tx": ["popen"] * 3, "maxprocesses": None, "loadscopereorder": False}
    config = SimpleNamespace(
        getoption=options.get, getvalue=options.get, option=SimpleNamespace(**options), rootpath=None
    )
    scheduler = pytest_xdist_make_scheduler(config, None)
    processes = [Process(f"gw{number}") for number in range(3)]
    for process in processes:
        scheduler.add_node(process)
        scheduler.add_node_collection(process, [f"{file}::test_{number}" for file in FILES for number in range(3)])
    scheduler.schedule()
    assert [process.sent for process in processes] == [[6, 7, 8], [0, 1, 2], [3, 4, 5]]
