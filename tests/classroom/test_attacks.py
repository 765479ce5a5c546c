"""Answers that attack the grader: what each tries, and how it ends. None scores, none leaks, none costs the next answer."""

import os
import socket
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from seeing_gradients.classroom.course import Task
from seeing_gradients.classroom.sandbox import Limits, screening
from seeing_gradients.classroom.sandbox import judge as judging
from seeing_gradients.course.exercises import exercise

SECRET = "seed-7331-hidden"
TASK = Task("answer-02-2", "02.2", 1.0, "import torch\n", "", "three_grads")
SEVERAL = replace(TASK, limits={"processes": 64, "memory": 1 << 30})  # each of nine runs starts some
PATIENT = replace(TASK, limits={"seconds": 20.0, "processor": 10.0})  # 8 MB are written and read
RIGHT = exercise("02.2").solution
F = "def three_grads(w, b, c, x, y_true):\n    "
ELSEWHERE = "\n".join(f"    {line}" for line in RIGHT.split("\n"))

# name: (source, pieces of what must be said of it; any one)
ATTACKS = {
    "hook of IPython": ("get_ipython().input_transformers_post.append(lambda lines: [])\n" + F + "return 0, 0, 0", ["NameError"]),
    "always equal object": (
        "class Yes:\n    def __eq__(self, other): return True\n    def __sub__(self, other): return 0.0\n" + F + "return Yes(), Yes(), Yes()",
        ["Yes"],
    ),
    "always equal tensor": (
        "class Yes(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, f, types, args=(), kwargs=None): return True\n"
        + F + "return torch.zeros(3).as_subclass(Yes)",
        ["value", "type", "raised"],
    ),
    "float that lies": (
        "class Lie(float):\n    def __eq__(self, o): return True\n    def __abs__(self): return Lie(0)\n" + F + "return Lie(1), Lie(1), Lie(1)",
        ["Lie"],
    ),
    "patched torch": ("torch.equal = torch.allclose = lambda *a, **k: True\n" + F + "return 0.0, 0.0, 0.0", ["torch.", "value"]),
    "patched math and builtins": (
        "import math, builtins\nmath.isclose = lambda *a, **k: True\nbuiltins.abs = lambda x: 0\n" + F + "return 0.0, 0.0, 0.0",
        ["replaced", "value", "math"],
    ),
    "patched check": ("import helpers\nhelpers.check = lambda *a: True\n" + F + "return 0.0, 0.0, 0.0", ["value"]),
    "patched harness": (
        "import sys\nfor name, module in list(sys.modules.items()):\n"
        "    if 'harness' in name or 'inside' in name:\n"
        "        for key in list(vars(module)):\n"
        "            if callable(vars(module)[key]): setattr(module, key, lambda *a, **k: 1.0)\n" + F + "return 0.0, 0.0, 0.0",
        ["ended", "value", "raised", "not_a"],
    ),
    "frames and gc": (
        "import gc, sys\n" + F + f"""found = []
    frame = sys._getframe()
    while frame:
        found += [repr(v) for v in frame.f_locals.values() if '{SECRET[:9]}' + '{SECRET[9:]}' in repr(v)]
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) is dict and ('_EXERCISE_02_2' in thing or 'misconceptions' in thing): found.append('dict')
        if type(thing).__name__ in ('Exercise', 'Misconception', 'Task'): found.append(type(thing).__name__)
    raise ValueError('LEAK' if found else 'nothing found')""",
        ["nothing found"],
    ),
    "import of the solutions": ("from seeing_gradients.course.exercises.lessons.l02 import exercises_1_to_4_loss as loss\n" + F + "return loss.EXERCISES", ["ImportError", "ModuleNotFound"]),
    "import of the grader": ("import seeing_gradients.classroom.sandbox\n" + F + "return 1", ["ModuleNotFound"]),
    "/proc": (
        "import os\n" + F + """found = []
    for name in ('/proc/self/environ', '/proc/1/environ', '/proc/self/mem', '/proc/self/maps', '/proc/1/cmdline'):
        try: found.append(open(name, 'rb').read(10))
        except OSError: found.append(None)
    raise ValueError('LEAK' if any(found) or os.listdir('/proc') else 'proc is empty')""",
        ["proc is empty"],
    ),
    "environment": (
        "import os\n" + F + "raise ValueError('LEAK' if 'GRADER_SECRET' in os.environ else 'poor ' + str(len(os.environ)))",
        ["poor"],
    ),
    "walk through all files": (
        "import os\n" + F + """for base, folders, names in os.walk('/'):
        folders[:] = [f for f in folders if f not in ('site-packages', 'proc', 'lib', 'x86_64-linux-gnu')]
        for name in names:
            if name in ('classroom.json', 'neighbour.ipynb', 'gradebook.db') or name.startswith('exercises_'): raise ValueError('LEAK ' + base)
    raise ValueError('no such file anywhere')""",
        ["no such file"],
    ),
    "files by name": (
        F + """found = []
    for name in PLACES:
        try: found.append(open(name).read())
        except OSError: found.append('')
    raise ValueError('LEAK' if any(found) else 'nothing there')""",
        ["nothing there"],
    ),
    "symbolic links": (
        "import os\n" + F + """os.symlink('/', '/answer/root')
    found = [os.path.exists('/answer/root' + name) for name in PLACES]
    raise ValueError('LEAK' if any(found) else 'they lead nowhere')""",
        ["nowhere"],
    ),
    "writing outside": (
        "import os\n" + F + """written = []
    for folder in ('/', '/tmp', '/usr', '/usr/lib', '/grader', '/grader/inside', '/dev/shm', '/proc', '/etc', '/root', '/home', os.path.dirname(torch.__file__)):
        try:
            open(folder + '/mark', 'w').close()
            written.append(folder)
        except OSError: continue
    raise ValueError(f'LEAK {written}' if written else 'all closed')""",
        ["all closed"],
    ),
    "temporary files that stay": ("import os\nopen('/answer/left', 'w').write('x' * 100)\n" + F + "raise ValueError('left')", ["left"]),
    "network": (
        "import socket\n" + F + """found = []
    for place in ADDRESSES:
        try: socket.create_connection(place, 0.3); found.append(place)
        except OSError: continue
    raise ValueError(f'LEAK {found}' if found else 'no way out')""",
        ["no way out"],
    ),
    "fork bomb": ("import os\n" + F + "while True:\n        os.fork()", ["BlockingIOError", "time"]),
    "thread bomb": ("import threading\n" + F + "while True:\n        threading.Thread(target=lambda: None).start()", ["RuntimeError", "time", "replaced"]),
    "memory bomb": (F + "things = []\n    while True:\n        things.append(bytearray(1 << 26))", ["MemoryError", "ended"]),
    "memory bomb of tensors": (F + "return torch.ones(1 << 40)", ["memory", "RuntimeError"]),
    "endless loop": (F + "while True:\n        pass", ["time"]),
    "endless loop at the start": ("while True:\n    pass\n" + F + "return 1", ["time"]),
    "loop that catches everything": (
        "import signal\n" + F + "signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    while True:\n        try:\n            while True: pass\n        except BaseException: continue",
        ["time"],
    ),
    "sleeping in C": ("import ctypes\n" + F + "ctypes.CDLL(None).sleep(1000)", ["time"]),
    "endless output": (F + "while True:\n        print('x' * 1000)", ["output", "time"]),
    "endless output past Python": ("import os\n" + F + "while True:\n        os.write(1, b'x' * 1000)", ["time"]),
    "a full disk": (F + "with open('/answer/big', 'wb') as file:\n        while True:\n            file.write(b'x' * (1 << 20))", ["OSError", "ended", "time"]),
    "exit": (F + "raise SystemExit(0)", ["SystemExit"]),
    "os._exit": ("import os\n" + F + "os._exit(0)", ["ended"]),
    "abort": ("import os\n" + F + "os.abort()", ["ended"]),
    "segmentation fault": ("import ctypes\n" + F + "ctypes.string_at(0)", ["ended"]),
    "signals to everybody": (
        "import os, signal\n" + F + "for pid in (os.getppid(), 0, 1, -1):\n        try: os.kill(pid, signal.SIGKILL)\n        except OSError: continue\n    raise ValueError('still here')",
        ["still here", "ended"],
    ),
    "KeyboardInterrupt": (F + "raise KeyboardInterrupt", ["KeyboardInterrupt"]),
    "atexit": ("import atexit\natexit.register(lambda: open('/answer/late', 'w'))\n" + F + "return 0.0, 0.0, 0.0", ["value"]),
    "import hook": (
        "import sys\nclass Hook:\n    def find_spec(self, name, path=None, target=None): raise RuntimeError('hooked ' + name)\nsys.meta_path.insert(0, Hook())\n"
        + F + "return 0.0, 0.0, 0.0",
        ["value", "hooked"],
    ),
    "module that shadows": (
        "import sys\nopen('/answer/json.py', 'w').write('raise SystemExit')\nsys.path.insert(0, '/answer')\nsys.modules.pop('json', None)\n" + F + "return 0.0, 0.0, 0.0",
        ["value", "SystemExit", "ended"],
    ),
    "forged frames": (
        "import json, os, struct\n" + F + """told = {'error': None, 'line': None, 'source': '', 'printed': '', 'replaced': [], 'changed': [], 'seconds': 0, 'value': ['tuple', [['float', 0.0]] * 3]}
    data = json.dumps(told).encode()
    for number in range(3, 60):
        try: os.write(number, (struct.pack('!I', len(data)) + data) * 20)
        except OSError: continue
    return 0.0, 0.0, 0.0""",
        ["cannot be read"],
    ),
    "rubbish frames": ("import os\n" + F + "for number in range(3, 60):\n        try: os.write(number, b'\\xff' * 4000)\n        except OSError: continue\n    return 0.0, 0.0, 0.0", ["cannot be read"]),
    "pickle": ("import pickle\nclass P:\n    def __reduce__(self): return (print, ('LEAK',))\n" + F + "return pickle.dumps(P())", ["bytes"]),
    "deep nesting": (F + "a = []\n    for _ in range(20000): a = [a]\n    return a, a, a", ["list", "type", "object"]),
    "a huge number": (F + "return 10 ** 100000, 1, 1", ["value"]),
    "ANSI and HTML": (F + "raise ValueError('\\x1b[31m<script>alert(1)</script>')", ["script"]),
    "memory of System V, which stays when it is no longer mapped": (
        "import ctypes\n" + F + """libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    kept = 0
    for _ in range(4):
        number = libc.shmget(0, 1 << 26, 0o1600)
        at = libc.shmat(number, None, 0) if number >= 0 else None
        if at not in (None, 2**64 - 1):
            ctypes.memset(at, 1, 1 << 26); libc.shmdt(ctypes.c_void_p(at)); kept += 1
    raise ValueError(f'LEAK {kept}' if kept else 'no more than is counted')""",
        ["no more than is counted"],
    ),
    "memory in files without a name": (
        "import os\n" + F + """made = []
    for _ in range(50):
        try: made.append(os.memfd_create('x')); os.write(made[-1], b'x' * (1 << 23))
        except OSError: continue
    raise ValueError(f'LEAK {len(made)}' if made else 'no more than is counted')""",
        ["no more than is counted"],
    ),
    "memory lent to pipes": (
        "import ctypes, os\n" + F + """libc = ctypes.CDLL(None, use_errno=True)
    class Part(ctypes.Structure): _fields_ = [('at', ctypes.c_void_p), ('size', ctypes.c_size_t)]
    page = ctypes.create_string_buffer(1 << 16)
    lent = libc.vmsplice(os.pipe()[1], ctypes.byref(Part(ctypes.addressof(page), 4096)), 1, 0)
    raise ValueError(f'LEAK {lent}' if lent > 0 else 'nothing is lent')""",
        ["nothing is lent"],
    ),
    "sockets that no namespace holds back": (
        "import socket\n" + F + """made = []
    for family in (40, 16, 17, 38, 31, 2, 10):
        for kind in (1, 2, 3, 5):
            try: socket.socket(family, kind); made.append(family)
            except OSError: continue
    raise ValueError(f'LEAK {made}' if made else 'no socket')""",
        ["no socket"],
    ),
    "the kernel's log": (
        "import ctypes\n" + F + """said = ctypes.create_string_buffer(4096)
    raise ValueError('LEAK' if ctypes.CDLL(None).klogctl(3, said, 4096) >= 0 else 'says nothing')""",
        ["says nothing"],
    ),
    "a frame that would become gigabytes": (
        "import json, os, struct, sys\n" + F + """frame = sys._getframe()
    while not isinstance(frame.f_locals.get('request'), dict): frame = frame.f_back
    nonce = frame.f_locals['request']['nonce']
    told = {'error': None, 'line': None, 'source': '', 'printed': '', 'replaced': [], 'changed': [], 'nonce': nonce, 'value': ['list', [['other', 'x']] * 500000]}
    data = json.dumps(told).encode()
    for number in range(3, 60):
        try: os.write(number, struct.pack('!I', len(data)) + data)
        except OSError: continue
    return 0.0, 0.0, 0.0""",
        ["cannot be read"],
    ),
    "new privileges": (
        "import os, ctypes\n" + F + """libc = ctypes.CDLL(None)
    got = [libc.setuid(0) == 0 and os.getuid() == 0 and libc.mount(b'none', b'/answer', b'tmpfs', 0, None) == 0, libc.unshare(0x10000000) == 0 and libc.mount(b'none', b'/mnt', b'tmpfs', 0, None) == 0, libc.chroot(b'/answer') == 0, libc.ptrace(16, os.getppid(), 0, 0) == 0]
    raise ValueError(f'LEAK {got}' if any(got) else 'no privileges')""",
        ["no privileges"],
    ),
    "syntax that never ends": ("(" * 100000, ["SyntaxError", "MemoryError", "RecursionError"]),
    "NUL bytes": ("x = 1\0\n" + F + "return 1", ["SyntaxError", "ValueError"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def judge(judge_with):
    return judge_with("en", Limits(seconds=1.0, processor=0.5, memory=1 << 27))


@pytest.fixture(scope="module")
def listener():
    """A port on this machine that somebody listens on; [1] counts who came."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        came = []

        def listen():
            while True:
                try:
                    came.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname(), came


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
    known = f"PLACES = {places!r}\nADDRESSES = [{listener[0]!r}, ('1.1.1.1', 53)]\n"
    source, said = ATTACKS[name]
    before = sorted(os.listdir("/tmp"))
    task = PATIENT if "gigabytes" in name else TASK
    graded = judge.grade(task, source if "(((" in source else known + source, SECRET, "mallory")
    everything = " ".join(map(str, graded.as_dict().values()))
    assert graded.credit == 0, graded
    assert graded.state in ("wrong", "not yet"), graded
    assert "LEAK" not in dict(graded.facts).get("message", "") + dict(graded.facts).get("printed", "") + graded.why
    assert SECRET not in everything
    assert any(piece in everything for piece in said), graded
    assert listener[1] == []
    assert [
        left for left in set(os.listdir("/tmp")) - set(before) if left in ("left", "late", "big", "json.py", "mark")
    ] == []
    after = judge.grade(TASK, RIGHT, SECRET, "alice")
    assert after.credit == 1, (name, after)


def test_nothing_is_left_for_the_next_answer(judge):
    judge.grade(TASK, "open('/answer/left', 'w').write('x')\n" + RIGHT, SECRET)
    after = judge.grade(TASK, "import os\n" + F + "raise ValueError(sorted(os.listdir('/answer')))", SECRET)
    assert "left" not in str(after.facts)


REACH_FOR_THE_HOST = (
    "import ctypes, os, resource, signal\n"
    + F
    + """for number in range(1, 65):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            try: os.kill(1, number)
            except OSError: pass
    done = []
    try: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)); done.append('prlimit')
    except OSError: pass
    libc = ctypes.CDLL(None)
    for name, number, *rest in (('pidfd_open', 434, 1, 0), ('pidfd_getfd', 438, 3, 3, 0), ('process_vm_writev', 311, 1, 0, 0, 0, 0, 0), ('ptrace', 101, 16, 1, 0, 0)):
        if libc.syscall(number, *rest) >= 0: done.append(name)
    os.makedirs('/answer/deep/er'); os.chmod('/answer/deep', 0); open('/answer/left', 'w').write('x'); os.chmod('/answer', 0o755)
    try: os.kill(1, signal.SIGSTOP); os.kill(1, signal.SIGKILL)
    except OSError: pass
    raise ValueError('LEAK ' + ' '.join(done) if done else 'out of reach')"""
)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of calls of x86-64")
def test_the_process_beside_the_answers_of_one_student_is_out_of_reach(judge):
    look = (
        F
        + "import os\n    raise ValueError(sorted(os.listdir('/answer')), oct(os.stat('/answer').st_mode), os.getpid())"
    )
    with judge.session() as session:
        said = [dict(session.grade(TASK, REACH_FOR_THE_HOST, SECRET).facts)["message"] for _ in range(2)]
        seen = dict(session.grade(TASK, look, SECRET).facts)["message"]
        assert session.grade(TASK, RIGHT, SECRET).credit == 1
    assert said == ["ValueError: out of reach"] * 2
    assert seen == "ValueError: ([], '0o40700', 4)"  # the third process since the first: one cell for all


def test_processes_of_one_answer_are_gone_before_the_next(judge):
    source = (
        "import os, time\n"
        + F
        + """if os.fork() == 0:
        os.setsid()
        while True: time.sleep(1)
    return 0.0, 0.0, 0.0"""
    )
    count = (
        F
        + """import os
    found = []
    for number in range(2, 60):
        try: os.kill(number, 0); found.append(number)
        except OSError: pass
    raise ValueError(found == [os.getpid()])"""
    )
    with judge.session() as session:
        assert session.grade(SEVERAL, source, SECRET).reason == "value"  # the fork succeeded
        assert dict(session.grade(SEVERAL, count, SECRET).facts)["message"] == "ValueError: True"


def test_a_cell_that_is_lost_is_replaced(judge):
    before = judge._launcher
    with judge.session() as session:
        assert session.grade(TASK, RIGHT, SECRET).credit == 1
        lost = session._jail
        lost._control.send(b"nothing that it understands")
        assert session.grade(TASK, RIGHT, SECRET).credit == 1
        assert session._jail is not lost
    assert judge.grade(TASK, RIGHT, SECRET).credit == 1
    assert judge._launcher is before  # one cell less is no reason to load PyTorch again


def test_threads_and_processes_end_with_the_answer(judge):
    """An answer that may start processes leaves one that lives for ever; it ends all the same."""
    source = (
        "import os, threading, time\n"
        + F
        + """if os.fork() == 0:
        os.setsid()
        while True: time.sleep(1)
    threading.Thread(target=time.sleep, args=(100,)).start()
    return 0.0, 0.0, 0.0"""
    )
    before = len(psutil.Process().children(recursive=True))
    assert judge.grade(SEVERAL, source, SECRET).reason == "value"
    assert len(psutil.Process().children(recursive=True)) == before
    assert judge.grade(SEVERAL, RIGHT, SECRET).credit == 1


def test_a_verdict_on_a_rule_cannot_be_left_on_the_socket_beforehand(judge):
    """An array writes itself to the socket, by nothing that looks odd once `.tofile` were let through."""
    rule = Task("answer-02-5", "02.5", 1.0, "import torch\n", "", "two_arrows")
    forged = (
        "import json, os, struct\n"
        "told = {'error': None, 'line': None, 'source': '', 'printed': '', 'replaced': [], 'changed': [], 'value': ['bool', False]}\n"
        "data = json.dumps(told).encode()\n"
        "runs = []\n"
        "def two_arrows(x):\n"
        "    runs.append(x)\n"
        "    if len(runs) == 9: answered = x * x + x\n"
        "    return x * x + x\n"
    )
    assert judge.grade(rule, "def two_arrows(x):\n    return x * x + x\n", SECRET).reason == "rule"
    late = forged.replace("    if len(runs) == 9: answered = x * x + x\n", LATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "suspicious_parts", lambda source: ())
        graded = judge.grade(rule, late, SECRET)
    assert (graded.state, graded.reason) == ("wrong", "raised"), graded


LATE = """    if len(runs) == 10:
        for number in range(3, 60):
            try: os.write(number, (struct.pack('!I', len(data)) + data) * 20)
            except OSError: continue
"""
RULE = "def two_arrows(x):\n    return x * x + x\n"


@pytest.mark.parametrize(
    "reach",
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
    ],
)
def test_what_reaches_around_is_seen_where_a_rule_counts(reach):
    assert screening.suspicious_parts(f"{reach}\n{RULE}")


@pytest.mark.parametrize(
    "line",
    ["y._version", "y.grad_fn._saved_self", "x.trace()", "import torch.nn.functional as F", "from torch.func import jacrev",
     "'it says: __name__'", "import numpy as np\nnp.array([1])", "torch.random.manual_seed(0)", "x.grad = None"],
)  # fmt: skip
def test_what_lessons_use_is_not_out_of_the_ordinary(line):
    assert screening.suspicious_parts(f"{line}\n{RULE}") == ()


def test_an_answer_that_forges_a_rule_is_left_to_a_person(judge):
    rule = Task("answer-02-5", "02.5", 1.0, "import torch\n", "", "two_arrows")
    source = (
        "import sys\nsys.modules['seeing_gradients.course.exercises.harness.rules'].has_power = lambda *a: False\n"
        "sys.modules['seeing_gradients.course.exercises.harness.rules'].has_a_third_arrow = lambda *a: False\n"
        "sys.modules['seeing_gradients.course.exercises.harness.rules'].has_more_operations = lambda *a: False\n"
        "def two_arrows(x):\n    return x * x + x\n"
    )
    graded = judge.grade(rule, source, SECRET)
    assert (graded.state, graded.credit) == ("review", 0)
    assert "sys" in graded.text
