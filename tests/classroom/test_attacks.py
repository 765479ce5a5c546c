"""Answers that attack the grader: each gets no points, learns nothing hidden, and does not affect the next answer."""

import os
import socket
import threading
from dataclasses import replace
from pathlib import Path
from textwrap import dedent, indent

import psutil
import pytest

from seeing_gradients.classroom.course import Task
from seeing_gradients.classroom.sandbox import AnswerLimits, screening
from seeing_gradients.classroom.sandbox import judge as judge_module
from seeing_gradients.course.exercises import exercise

SECRET = "seed-7331-hidden"
TASK = Task("answer-02-2", "02.2", 1.0, "import torch\n", "", "three_grads")
# Nine runs, of two calls each, may start some.
WITH_PROCESSES = replace(TASK, limits={"processes": 128, "memory": 1 << 31})
WITH_TIME = replace(TASK, limits={"seconds": 20.0, "processor": 10.0})  # enough to write and read 8 MB
RIGHT = exercise("02.2").solution


def answer(body, setup=""):
    """The source of an answer: `setup`, then the function of exercise 02.2 with this body."""
    return f"{dedent(setup)}\ndef three_grads(w, b, c, x, y_true):\n{indent(dedent(body), '    ')}\n"


WRONG = "return 0.0, 0.0, 0.0"
# name: (source, texts of which the graded answer must contain one)
ATTACKS = {
    "hook of IPython": (
        answer("return 0, 0, 0", "get_ipython().input_transformers_post.append(lambda lines: [])"),
        ["NameError"],
    ),
    "always equal object": (
        answer(
            "return Yes(), Yes(), Yes()",
            """
            class Yes:
                def __eq__(self, other): return True
                def __sub__(self, other): return 0.0
            """,
        ),
        ["Yes"],
    ),
    "always equal tensor": (
        answer(
            "return torch.zeros(3).as_subclass(Yes)",
            """
            class Yes(torch.Tensor):
                @classmethod
                def __torch_function__(cls, f, types, args=(), kwargs=None): return True
            """,
        ),
        ["value", "type", "raised"],
    ),
    "float that lies": (
        answer(
            "return Lie(1), Lie(1), Lie(1)",
            """
            class Lie(float):
                def __eq__(self, o): return True
                def __abs__(self): return Lie(0)
            """,
        ),
        ["Lie"],
    ),
    "patched torch": (
        answer(WRONG, "torch.equal = torch.allclose = lambda *a, **k: True"),
        ["torch.", "value"],
    ),
    "patched math and builtins": (
        answer(
            WRONG,
            """
            import math, builtins
            math.isclose = lambda *a, **k: True
            builtins.abs = lambda x: 0
            """,
        ),
        ["replaced", "value", "math"],
    ),
    "patched check": (answer(WRONG, "import helpers\nhelpers.check = lambda *a: True"), ["value"]),
    "patched harness": (
        answer(
            WRONG,
            """
            import sys
            for name, module in list(sys.modules.items()):
                if 'harness' in name or 'inside' in name:
                    for key in list(vars(module)):
                        if callable(vars(module)[key]): setattr(module, key, lambda *a, **k: 1.0)
            """,
        ),
        ["ended", "value", "raised", "not_a"],
    ),
    "frames and gc": (
        answer(
            f"""
            found = []
            frame = sys._getframe()
            while frame:
                found += [repr(v) for v in frame.f_locals.values() if '{SECRET[:9]}' + '{SECRET[9:]}' in repr(v)]
                frame = frame.f_back
            for thing in gc.get_objects():
                name = type(thing).__name__
                if name == 'dict' and ('_EXERCISE_02_2' in thing or 'misconceptions' in thing): found.append('dict')
                if name in ('Exercise', 'Misconception', 'Task'): found.append(name)
            raise ValueError('LEAK' if found else 'nothing found')
            """,
            "import gc, sys",
        ),
        ["nothing found"],
    ),
    "import of the solutions": (
        answer(
            "return loss.EXERCISES",
            "from seeing_gradients.course.exercises.lessons.l02 import exercises_1_to_4_loss as loss",
        ),
        ["ImportError", "ModuleNotFound"],
    ),
    "import of the grader": (answer("return 1", "import seeing_gradients.classroom.sandbox"), ["ModuleNotFound"]),
    "/proc": (
        answer(
            """
            found = []
            for file in ('self/environ', '1/environ', 'self/mem', 'self/maps', '1/cmdline'):
                try: found.append(open('/proc/' + file, 'rb').read(10))
                except OSError: found.append(None)
            raise ValueError('LEAK' if any(found) or os.listdir('/proc') else 'proc is empty')
            """,
            "import os",
        ),
        ["proc is empty"],
    ),
    "environment": (
        answer(
            "raise ValueError('LEAK' if 'GRADER_SECRET' in os.environ else 'poor ' + str(len(os.environ)))",
            "import os",
        ),
        ["poor"],
    ),
    "walk through all files": (
        answer(
            """
            for base, folders, names in os.walk('/'):
                folders[:] = [f for f in folders if f not in ('site-packages', 'proc', 'lib', 'x86_64-linux-gnu')]
                for name in names:
                    if name in ('classroom.json', 'neighbour.ipynb', 'gradebook.db') or name.startswith('exercises_'):
                        raise ValueError('LEAK ' + base)
            raise ValueError('no such file anywhere')
            """,
            "import os",
        ),
        ["no such file"],
    ),
    "files by name": (
        answer(
            """
            found = []
            for name in PLACES:
                try: found.append(open(name).read())
                except OSError: found.append('')
            raise ValueError('LEAK' if any(found) else 'nothing there')
            """
        ),
        ["nothing there"],
    ),
    "symbolic links": (
        answer(
            """
            if not os.path.islink('/answer/root'): os.symlink('/', '/answer/root')  # a call may be the second
            found = [os.path.exists('/answer/root' + name) for name in PLACES]
            raise ValueError('LEAK' if any(found) else 'they lead nowhere')
            """,
            "import os",
        ),
        ["nowhere"],
    ),
    "writing outside": (
        answer(
            """
            written = []
            for folder in (
                '/', '/tmp', '/usr', '/usr/lib', '/grader', '/grader/inside', '/dev/shm', '/proc', '/etc', '/root',
                '/home', os.path.dirname(torch.__file__),
            ):
                try:
                    open(folder + '/mark', 'w').close()
                    written.append(folder)
                except OSError: continue
            raise ValueError(f'LEAK {written}' if written else 'all closed')
            """,
            "import os",
        ),
        ["all closed"],
    ),
    "temporary files that stay": (
        answer("raise ValueError('left')", "import os\nopen('/answer/left', 'w').write('x' * 100)"),
        ["left"],
    ),
    "network": (
        answer(
            """
            found = []
            for place in ADDRESSES:
                try: socket.create_connection(place, 0.3); found.append(place)
                except OSError: continue
            raise ValueError(f'LEAK {found}' if found else 'no way out')
            """,
            "import socket",
        ),
        ["no way out"],
    ),
    "fork bomb": (answer("while True:\n    os.fork()", "import os"), ["BlockingIOError", "time"]),
    "thread bomb": (
        answer("while True:\n    threading.Thread(target=lambda: None).start()", "import threading"),
        ["RuntimeError", "time", "replaced"],
    ),
    "memory bomb": (
        answer("things = []\nwhile True:\n    things.append(bytearray(1 << 26))"),
        ["MemoryError", "ended"],
    ),
    "memory bomb of tensors": (answer("return torch.ones(1 << 40)"), ["memory", "RuntimeError"]),
    "endless loop": (answer("while True:\n    pass"), ["time"]),
    "endless loop at the start": (answer("return 1", "while True:\n    pass"), ["time"]),
    "loop that catches everything": (
        answer(
            """
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            while True:
                try:
                    while True: pass
                except BaseException: continue
            """,
            "import signal",
        ),
        ["time"],
    ),
    "sleeping in C": (answer("ctypes.CDLL(None).sleep(1000)", "import ctypes"), ["time"]),
    "endless output": (answer("while True:\n    print('x' * 1000)"), ["output", "time"]),
    "endless output past Python": (answer("while True:\n    os.write(1, b'x' * 1000)", "import os"), ["time"]),
    "a full disk": (
        answer(
            """
            with open('/answer/big', 'wb') as file:
                while True:
                    file.write(b'x' * (1 << 20))
            """
        ),
        ["OSError", "ended", "time"],
    ),
    "exit": (answer("raise SystemExit(0)"), ["SystemExit"]),
    "os._exit": (answer("os._exit(0)", "import os"), ["ended"]),
    "abort": (answer("os.abort()", "import os"), ["ended"]),
    "segmentation fault": (answer("ctypes.string_at(0)", "import ctypes"), ["ended"]),
    "signals to everybody": (
        answer(
            """
            for pid in (os.getppid(), 0, 1, -1):
                try: os.kill(pid, signal.SIGKILL)
                except OSError: continue
            raise ValueError('still here')
            """,
            "import os, signal",
        ),
        ["still here", "ended"],
    ),
    "KeyboardInterrupt": (answer("raise KeyboardInterrupt"), ["KeyboardInterrupt"]),
    "atexit": (answer(WRONG, "import atexit\natexit.register(lambda: open('/answer/late', 'w'))"), ["value"]),
    "import hook": (
        answer(
            WRONG,
            """
            import sys
            class Hook:
                def find_spec(self, name, path=None, target=None): raise RuntimeError('hooked ' + name)
            sys.meta_path.insert(0, Hook())
            """,
        ),
        ["value", "hooked"],
    ),
    "module that shadows": (
        answer(
            WRONG,
            """
            import sys
            open('/answer/json.py', 'w').write('raise SystemExit')
            sys.path.insert(0, '/answer')
            sys.modules.pop('json', None)
            """,
        ),
        ["value", "SystemExit", "ended"],
    ),
    "forged frames": (
        answer(
            """
            reply = {
                'error': None, 'line': None, 'source': '', 'printed': '', 'replaced': [], 'changed': [], 'seconds': 0,
                'value': ['tuple', [['float', 0.0]] * 3],
            }
            data = json.dumps(reply).encode()
            for number in range(3, 60):
                try: os.write(number, (struct.pack('!I', len(data)) + data) * 20)
                except OSError: continue
            return 0.0, 0.0, 0.0
            """,
            "import json, os, struct",
        ),
        ["cannot be read"],
    ),
    "rubbish frames": (
        answer(
            """
            for number in range(3, 60):
                try: os.write(number, b'\\xff' * 4000)
                except OSError: continue
            return 0.0, 0.0, 0.0
            """,
            "import os",
        ),
        ["cannot be read"],
    ),
    "pickle": (
        answer(
            "return pickle.dumps(P())",
            """
            import pickle
            class P:
                def __reduce__(self): return (print, ('LEAK',))
            """,
        ),
        ["bytes"],
    ),
    "deep nesting": (
        answer("a = []\nfor _ in range(20000): a = [a]\nreturn a, a, a"),
        ["list", "type", "object"],
    ),
    "a huge number": (answer("return 10 ** 100000, 1, 1"), ["value"]),
    "a tensor without elements that has many rows": (answer("return torch.zeros(1 << 22, 0), 1.0, 1.0"), ["type"]),
    "a tensor without elements that is endless": (answer("return torch.zeros(1 << 40, 0)"), ["type"]),
    "a tensor of many dimensions": (answer("return torch.ones([1] * 1500), 1.0, 1.0"), ["type"]),
    "a source nested too deeply to be compared": (
        answer("return " + "-" * 3000 + "1.0, 1.0, 1.0"),
        ["value", "raised"],
    ),
    "ANSI and HTML": (answer("raise ValueError('\\x1b[31m<script>alert(1)</script>')"), ["script"]),
    "memory of System V, which stays when it is no longer mapped": (
        answer(
            """
            libc = ctypes.CDLL(None)
            libc.shmat.restype = ctypes.c_void_p
            count = 0
            for _ in range(4):
                number = libc.shmget(0, 1 << 26, 0o1600)
                address = libc.shmat(number, None, 0) if number >= 0 else None
                if address not in (None, 2**64 - 1):
                    ctypes.memset(address, 1, 1 << 26); libc.shmdt(ctypes.c_void_p(address)); count += 1
            raise ValueError(f'LEAK {count}' if count else 'no more than is counted')
            """,
            "import ctypes",
        ),
        ["no more than is counted"],
    ),
    "memory in files without a name": (
        answer(
            """
            created = []
            for _ in range(50):
                try: created.append(os.memfd_create('x')); os.write(created[-1], b'x' * (1 << 23))
                except OSError: continue
            raise ValueError(f'LEAK {len(created)}' if created else 'no more than is counted')
            """,
            "import os",
        ),
        ["no more than is counted"],
    ),
    "memory lent to pipes": (
        answer(
            """
            libc = ctypes.CDLL(None, use_errno=True)
            class Part(ctypes.Structure): _fields_ = [('at', ctypes.c_void_p), ('size', ctypes.c_size_t)]
            page = ctypes.create_string_buffer(1 << 16)
            lent = libc.vmsplice(os.pipe()[1], ctypes.byref(Part(ctypes.addressof(page), 4096)), 1, 0)
            raise ValueError(f'LEAK {lent}' if lent > 0 else 'nothing is lent')
            """,
            "import ctypes, os",
        ),
        ["nothing is lent"],
    ),
    "sockets that no namespace holds back": (
        answer(
            """
            created = []
            for family in (40, 16, 17, 38, 31, 2, 10):
                for kind in (1, 2, 3, 5):
                    try: socket.socket(family, kind); created.append(family)
                    except OSError: continue
            raise ValueError(f'LEAK {created}' if created else 'no socket')
            """,
            "import socket",
        ),
        ["no socket"],
    ),
    "the kernel's log": (
        answer(
            """
            buffer = ctypes.create_string_buffer(4096)
            raise ValueError('LEAK' if ctypes.CDLL(None).klogctl(3, buffer, 4096) >= 0 else 'says nothing')
            """,
            "import ctypes",
        ),
        ["says nothing"],
    ),
    "a frame that would become gigabytes": (
        answer(
            """
            frame = sys._getframe()
            while not isinstance(frame.f_locals.get('request'), dict): frame = frame.f_back
            nonce = frame.f_locals['request']['nonce']
            reply = {
                'error': None, 'line': None, 'source': '', 'printed': '', 'replaced': [], 'changed': [], 'nonce': nonce,
                'value': ['list', [['other', 'x']] * 500000],
            }
            data = json.dumps(reply).encode()
            for number in range(3, 60):
                try: os.write(number, struct.pack('!I', len(data)) + data)
                except OSError: continue
            return 0.0, 0.0, 0.0
            """,
            "import json, os, struct, sys",
        ),
        ["cannot be read"],
    ),
    "new privileges": (
        answer(
            """
            libc = ctypes.CDLL(None)
            gained = [
                libc.setuid(0) == 0 and os.getuid() == 0 and libc.mount(b'none', b'/answer', b'tmpfs', 0, None) == 0,
                libc.unshare(0x10000000) == 0 and libc.mount(b'none', b'/mnt', b'tmpfs', 0, None) == 0,
                libc.chroot(b'/answer') == 0,
                libc.ptrace(16, os.getppid(), 0, 0) == 0,
            ]
            raise ValueError(f'LEAK {gained}' if any(gained) else 'no privileges')
            """,
            "import os, ctypes",
        ),
        ["no privileges"],
    ),
    "syntax that never ends": ("(" * 100000, ["SyntaxError", "MemoryError", "RecursionError"]),
    "NUL bytes": ("x = 1\0\n" + answer("return 1"), ["SyntaxError", "ValueError"]),
}


class ForgetsPrograms(judge_module._KnownPrograms):
    """Knows no program, so that each runs, however often a test grades it."""

    def get(self, key):
        return None


@pytest.fixture(scope="module")
def judge(judge_with):
    judge = judge_with("en", AnswerLimits(seconds=1.0, processor=0.5, memory=1 << 27))
    judge._known = ForgetsPrograms()
    return judge


@pytest.fixture(scope="module")
def listener():
    """(address of a listening port on this machine, list of the connections that it has accepted)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections = []

        def listen():
            while True:
                try:
                    connections.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname(), connections


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack(name, judge, listener, tmp_path):
    neighbour = tmp_path / "neighbour.ipynb"
    neighbour.write_text("another answer")
    places = [
        str(neighbour),
        str(Path(exercise.__code__.co_filename).parent / "lessons/l02/exercises_1_to_4_loss.py"),
        str(Path.home() / ".bashrc"),
    ]
    assert Path(places[1]).is_file()
    places += ["/etc/passwd", "/etc/shadow", "/etc/hostname"]
    definitions = f"PLACES = {places!r}\nADDRESSES = [{listener[0]!r}, ('1.1.1.1', 53)]\n"
    source, expected = ATTACKS[name]
    before = sorted(os.listdir("/tmp"))
    task = WITH_TIME if "gigabytes" in name else TASK
    graded = judge.grade(task, source if "(((" in source else definitions + source, SECRET, "mallory")
    all_text = " ".join(map(str, graded.as_dict().values()))
    assert graded.credit == 0, graded
    assert graded.state in ("wrong", "not yet"), graded
    assert "LEAK" not in dict(graded.facts).get("message", "") + dict(graded.facts).get("printed", "") + graded.why
    assert SECRET not in all_text
    assert any(text in all_text for text in expected), graded
    assert listener[1] == []
    assert [
        left for left in set(os.listdir("/tmp")) - set(before) if left in ("left", "late", "big", "json.py", "mark")
    ] == []
    after = judge.grade(TASK, RIGHT, SECRET, "alice")
    assert after.credit == 1, (name, after)


def test_nothing_is_left_for_the_next_answer(judge):
    judge.grade(TASK, "open('/answer/left', 'w').write('x')\n" + RIGHT, SECRET)
    after = judge.grade(TASK, answer("raise ValueError(sorted(os.listdir('/answer')))", "import os"), SECRET)
    assert "left" not in str(after.facts)


ATTACK_ON_FIRST_PROCESS = answer(
    """
    for number in range(1, 65):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            try: os.kill(1, number)
            except OSError: pass
    done = []
    try: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)); done.append('prlimit')
    except OSError: pass
    libc = ctypes.CDLL(None)
    for name, number, *rest in (
        ('pidfd_open', 434, 1, 0),
        ('pidfd_getfd', 438, 3, 3, 0),
        ('process_vm_writev', 311, 1, 0, 0, 0, 0, 0),
        ('ptrace', 101, 16, 1, 0, 0),
    ):
        if libc.syscall(number, *rest) >= 0: done.append(name)
    deep = tempfile.mkdtemp(dir='/answer')
    os.makedirs(deep + '/er')
    os.chmod(deep, 0)
    open('/answer/left', 'w').write('x')
    os.chmod('/answer', 0o755)
    try: os.kill(1, signal.SIGSTOP); os.kill(1, signal.SIGKILL)
    except OSError: pass
    raise ValueError('LEAK ' + ' '.join(done) if done else 'out of reach')
    """,
    "import ctypes, os, resource, signal, tempfile",
)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of system calls are those of x86-64")
def test_an_answer_cannot_affect_the_first_process_of_its_jail(judge):
    look = answer(
        """
        import os
        raise ValueError(sorted(os.listdir('/answer')), oct(os.stat('/answer').st_mode), os.getpid())
        """
    )
    with judge.session() as session:
        messages = [dict(session.grade(TASK, ATTACK_ON_FIRST_PROCESS, SECRET).facts)["message"] for _ in range(2)]
        seen = dict(session.grade(TASK, look, SECRET).facts)["message"]
        assert session.grade(TASK, RIGHT, SECRET).credit == 1
    assert messages == ["ValueError: out of reach"] * 2
    assert (
        seen == "ValueError: ([], '0o40700', 7)"
    )  # two processes for each answer, after the first: all share one jail


START_PROCESS = """
if os.fork() == 0:
    os.setsid()
    while True: time.sleep(1)
"""


def test_processes_of_one_answer_are_gone_before_the_next(judge):
    source = answer(START_PROCESS + WRONG, "import os, time")
    count = answer(
        """
        import os
        found = []
        for number in range(2, 60):
            try: os.kill(number, 0); found.append(number)
            except OSError: pass
        raise ValueError(found == [os.getpid()])
        """
    )
    with judge.session() as session:
        assert session.grade(WITH_PROCESSES, source, SECRET).reason == "value"  # the fork succeeded
        assert dict(session.grade(WITH_PROCESSES, count, SECRET).facts)["message"] == "ValueError: True"


def test_a_jail_that_is_lost_is_replaced(judge):
    before = judge._launcher
    with judge.session() as session:
        assert session.grade(TASK, RIGHT, SECRET).credit == 1
        lost = session._jail
        lost._control.send(b"no valid command")
        assert session.grade(TASK, RIGHT, SECRET).credit == 1
        assert session._jail is not lost
    assert judge.grade(TASK, RIGHT, SECRET).credit == 1
    assert judge._launcher is before  # PyTorch is not loaded again because of one jail


def test_threads_and_processes_end_with_the_answer(judge):
    """An answer that may start processes leaves one that never ends; it is killed."""
    thread = "threading.Thread(target=time.sleep, args=(100,)).start()\n"
    source = answer(START_PROCESS + thread + WRONG, "import os, threading, time")
    before = len(psutil.Process().children(recursive=True))
    assert judge.grade(WITH_PROCESSES, source, SECRET).reason == "value"
    assert len(psutil.Process().children(recursive=True)) == before
    assert judge.grade(WITH_PROCESSES, RIGHT, SECRET).credit == 1


RULE_TASK = Task("answer-02-5", "02.5", 1.0, "import torch\n", "", "two_arrows")
BREAKS_RULE = "def two_arrows(x):\n    return x * x + x\n"
FORGES_REPLIES = """
import json, os, struct
reply = {
    'error': None, 'line': None, 'source': '', 'printed': '', 'replaced': [], 'warnings': [], 'observations': [],
    'value': ['bool', False],
}
data = json.dumps(reply).encode()
runs = []
def two_arrows(x):
    runs.append(x)
    if len(runs) == 1:
        for number in range(3, 60):
            try: os.write(number, (struct.pack('!I', len(data)) + data) * 20)
            except OSError: continue
    return x * x + x
"""


def test_a_verdict_on_a_rule_cannot_be_left_on_the_socket_beforehand(judge):
    """Even an answer that the screening lets through cannot forge the replies about its runs."""
    assert judge.grade(RULE_TASK, BREAKS_RULE, SECRET).reason == "rule"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge_module, "suspicious_parts", lambda source: ())
        graded = judge.grade(RULE_TASK, FORGES_REPLIES, SECRET)
    assert (graded.state, graded.reason) == ("wrong", "raised"), graded


@pytest.mark.parametrize(
    "line",
    [
        "torch.sys._getframe().f_back",
        "f = torch.sys",
        "from torch import sys",
        "import operator\noperator.attrgetter('f_back.f_locals')",
        "from operator import attrgetter as a",
        "x = 'has_power.__globals__'",
        "torch._C._autograd",
        "import numpy\nnumpy.arange(3).tofile",
        "from torch import *",
        "class A:\n    def __torch_function__(self): pass",
        "import dataclasses\ndataclasses.sys.modules",
        "torch.multiprocessing",
        "match torch:\n    case object(sys=s): s",
        "import typing\ntyping.get_type_hints",
        "from typing import get_type_hints as g",
        "def f(x: '1 + 1'): pass",
        "x: 'sys' = 1",
        "async def f(): pass",
        "memoryview",
        "torch.compile",
        "torch.ops.load_library",
        "torch.nn.functional.importlib",
        "import random\nrandom._os",
        "class A:\n    f_back = 1\nsys = A().sys",
        "class A: gi_frame = f_back = 1\ng.gi_frame.f_back",
        "class A: fx = 1\ntorch.fx",
    ],
)
def test_access_to_the_interpreter_is_suspicious(line):
    assert screening.suspicious_parts(f"{line}\n{BREAKS_RULE}")


@pytest.mark.parametrize(
    "line",
    [
        "y._version",
        "y.grad_fn._saved_self",
        "x.trace()",
        "import torch.nn.functional as F",
        "from torch.func import jacrev",
        "'it says: __name__'",
        "import numpy as np\nnp.array([1])",
        "torch.random.manual_seed(0)",
        "x.grad = None",
        "class Net(torch.nn.Module):\n    width = 3\n    def forward(self, x): return x * self.width",
        "x: torch.Tensor = torch.ones(2)",
        "f'{x.item():.3f}'.strip()",
        "from helpers import record\nrecord(lambda x: x, x).grads['x']",
        "torch.optim.SGD([x], lr=0.1).zero_grad()",
        "optimizer.param_groups[0]['lr']",
        "try: x.add_(1)\nexcept RuntimeError as error: print(error.args)",
    ],
)
def test_what_the_lessons_use_is_not_suspicious(line):
    assert screening.suspicious_parts(f"{line}\n{BREAKS_RULE}") == ()


def test_an_answer_that_forges_a_rule_is_left_to_a_person(judge):
    forged = (
        "import sys\n"
        "observation = sys.modules['seeing_gradients.course.exercises.harness.observation']\n"
        "observation._graph = lambda *a: (('MulBackward0', 'AddBackward0'), ((0, -1), (0, 1), (1, -1)), True)\n"
    )
    graded = judge.grade(RULE_TASK, forged + BREAKS_RULE, SECRET)
    assert (graded.state, graded.credit) == ("review", 0)
    assert "sys" in graded.text
