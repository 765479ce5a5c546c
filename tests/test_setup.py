"""The set-up script, on a course of its own with nothing to download, in a folder with a space and Chinese in its name."""

import ast
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import language

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "helpers/__main__.py"
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """
import zipfile
def build_editable(folder, *_, **__):
    name = "course-1-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("course-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: course\\nVersion: 1\\n")
        wheel.writestr("course-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("course-1.dist-info/RECORD", "")
    return name
"""


def make_course(root):
    """A course that needs no package: the real script over an empty requirements.txt."""
    library = "src/seeing_gradients"
    shutil.copytree(ROOT / library / "messages", root / library / "messages")
    (root / "helpers").mkdir()
    for name in ("helpers/__init__.py", "helpers/__main__.py", f"{library}/__init__.py", f"{library}/language.py"):
        shutil.copy(ROOT / name, root / name)
    (root / "requirements.txt").write_text("", encoding="utf-8")
    (root / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (root / "backend.py").write_text(BACKEND, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course whose first set-up was broken off half-way, after the second one."""
    course = make_course(tmp_path_factory.mktemp("built") / "a course 看见")
    for name in ("bin/python", "Scripts/python.exe"):
        (course / ".venv" / name).parent.mkdir(parents=True)
        (course / ".venv" / name).write_text("half a file", encoding="utf-8")
    done = run(course, "setup")
    assert done.returncode == 0, done.stderr
    assert "a course 看见" in done.stdout
    return course


def run(course, *arguments, **environment):
    """Run the script and return what it did; no package index but an unreachable one."""
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1", "LANGUAGE": "en", "PYTHONUTF8": "1"}
    base = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound but not listening: every connection is refused
        own["PIP_INDEX_URL"] = f"http://127.0.0.1:{nobody.getsockname()[1]}/simple"
        return subprocess.run(
            [sys.executable, "helpers", *arguments],
            cwd=course,
            env=base | own | environment,
            capture_output=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )


@pytest.fixture
def script(monkeypatch, tmp_path):
    """The script as a module, over an empty folder."""
    spec = importlib.util.spec_from_file_location("set_up", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / ".venv").mkdir()
    for name in ("requirements.txt", "pyproject.toml", "python"):
        (tmp_path / name).write_text("", encoding="utf-8")
    paths = {"ROOT": "", "VENV": ".venv", "READY": ".venv/ready.json", "PYTHON": "python"}
    for name, path in paths.items():
        monkeypatch.setattr(module, name, tmp_path / path)
    return module


@pytest.fixture
def steps(script, monkeypatch):
    """The steps that `prepare` takes, instead of taking them."""
    taken = []
    monkeypatch.setattr(script, "create", lambda: taken.append("create"))
    monkeypatch.setattr(script, "install", lambda extra: taken.append(f"install {extra}".strip()))
    return taken


@pytest.mark.slow("venv makes an environment with pip, once for the tests that use it")
def test_a_set_up_that_was_broken_off_is_repaired(built):
    assert run(built, "run", "-c", "print(6 * 7)", PIP_NO_INDEX="1").stdout.endswith("42\n")


def test_the_second_run_says_nothing_and_changes_nothing(built):
    before = {path: path.lstat().st_mtime_ns for path in (built / ".venv").rglob("*")}
    second = run(built, "setup")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert {path: path.lstat().st_mtime_ns for path in (built / ".venv").rglob("*")} == before


def test_new_pins_that_cannot_be_fetched_leave_the_old_environment_in_use(built):
    (built / "requirements.txt").write_text("some-package==1\n", encoding="utf-8")
    assert run(built, "setup").returncode == 1
    (built / "requirements.txt").write_text("", encoding="utf-8")
    assert run(built, "setup").stdout == ""


def test_lab_hands_its_options_and_the_lesson_in_the_language_to_jupyterlab(built):
    server = (
        "import os, sys; print(*sys.argv[1:], os.environ['SEEING_GRADIENTS_READY'], sep='\\n'); sys.stderr.write('I')"
    )
    (built / "jupyterlab.py").write_text(server, encoding="utf-8")
    done = run(built, "lab", "--no-browser", LANGUAGE="zh", TMPDIR=str(built))
    said = done.stdout.splitlines()
    assert f"--ServerApp.root_dir={built}" in said
    assert "--LabApp.default_url=/lab/tree/notebooks/zh/00_start.ipynb" in said
    assert f"--LabApp.app_settings_dir={built}/.venv/share/jupyter/lab/settings-zh" in said
    assert said[-2] == "--no-browser"  # last: the learner's own word counts
    (log,) = built.glob("jupyterlab-*.log")
    assert said[-1].startswith("JupyterLab正在运行") and str(log) in said[-1] and said[-1].endswith("{address}")
    assert (log.read_text(encoding="utf-8"), done.stderr) == ("I", "")


def test_a_jupyterlab_that_fails_shows_the_end_of_its_log(built):
    (built / "jupyterlab.py").write_text("raise SystemExit('port 8888 is in use')", encoding="utf-8")
    failed = run(built, "lab", TMPDIR=str(built))
    assert failed.returncode == 1
    assert "port 8888 is in use" in failed.stderr and "jupyterlab-" in failed.stderr


def test_the_exit_status_of_the_tests_is_that_of_the_command(built):
    (built / "pytest.py").write_text("raise SystemExit(3)", encoding="utf-8")
    assert run(built, "test").returncode == 3


def test_pip_shows_its_downloads_alone_and_the_rest_stands_in_a_file_until_it_succeeds(script, monkeypatch, capsys):
    lines = (
        "Collecting torch",
        "  Downloading torch-2.13.0.whl (190.1 MB)",
        "  Downloading small.whl (12 kB)",
        "WARNING: odd",
    )
    script.watch(sys.executable, "-c", f"print({chr(10).join(lines)!r})")
    assert capsys.readouterr().out == "  Downloading torch-2.13.0.whl (190.1 MB)\n"
    with pytest.raises(script.SetupError):
        script.watch(sys.executable, "-c", f"print({chr(10).join(lines)!r}); raise SystemExit(1)")
    shown = capsys.readouterr().err
    assert "WARNING: odd" in shown and "setup-" in shown


def test_an_unknown_command_is_answered_with_those_there_are(built):
    failed = run(built, "lap")
    assert failed.returncode == 2
    assert "lab|test|setup|run" in failed.stderr


@pytest.mark.slow("venv makes an environment with pip, and pip tries the network once more")
def test_without_a_network_the_last_line_says_so_and_nothing_counts_as_ready(tmp_path):
    course = make_course(tmp_path / "course")
    (course / "requirements.txt").write_text("some-package==1\n", encoding="utf-8")
    failed = run(course, "setup", LANGUAGE="zh_CN:zh")
    assert failed.returncode == 1
    assert failed.stderr.strip().splitlines()[-1].startswith("无法下载软件包，连接不上软件源。")
    assert not (course / ".venv/ready.json").exists()


def test_what_the_tests_need_is_added_once_to_what_a_learner_needs(script, steps):
    for extra in ("", "", "test", "test", "", "dev", "test"):
        script.prepare(extra)
    assert steps == ["create", "install", "install test", "install dev"]


def test_a_changed_pin_is_installed_into_the_environment_that_is_there(script, steps):
    script.prepare("")
    script.ROOT.joinpath("requirements.txt").write_text("torch==2.13.0", encoding="utf-8")
    script.prepare("")
    assert steps == ["create", "install", "install"]


def test_a_course_that_was_moved_is_built_anew(script, steps, monkeypatch):
    script.prepare("")
    monkeypatch.setattr(script, "VENV", script.VENV / "elsewhere")
    script.prepare("")
    assert steps == ["create", "install"] * 2


def test_an_environment_whose_python_is_gone_is_built_anew(script, steps):
    script.prepare("")
    script.PYTHON.unlink()
    script.prepare("")
    assert steps == ["create", "install"] * 2


def test_a_run_killed_in_the_middle_leaves_nothing_that_counts_as_ready(script, steps, monkeypatch):
    script.prepare("")

    def killed(extra):
        raise KeyboardInterrupt

    monkeypatch.setattr(script, "install", killed)
    with pytest.raises(KeyboardInterrupt):
        script.prepare("test")
    assert script.read_note() == {}


@pytest.mark.parametrize(("variable", "value"), [("LANGUAGE", "zh_CN:zh"), ("LC_ALL", "zh_TW.UTF-8"), ("LANG", "zh")])
def test_the_language_is_that_of_the_environment(script, monkeypatch, variable, value):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv(variable, value)
    script.choose_language()
    assert language.current() == "zh"


@pytest.mark.parametrize("version", [(3, 9, 6), (3, 10, 13), (3, 14, 0)])
def test_another_python_is_refused_in_both_languages(script, version):
    with pytest.raises(script.SetupError, match=r"needs Python 3.11 to 3.13(.|\n)*需要Python") as refused:
        script.check_python(version)
    assert ".".join(map(str, version)) in str(refused.value)


COMPUTERS = {
    "setup.intel_mac": ("13.7.1", "x86_64", "macosx-10.9-universal2"),
    "setup.old_macos": ("13.7.1", "arm64", "macosx-11.0-arm64"),
    "setup.windows_arm": ("", "ARM64", "win-arm64"),
}


def pretend(script, monkeypatch, macos, machine, name):
    monkeypatch.setattr(script.platform, "mac_ver", lambda: (macos, ("", "", ""), ""))
    monkeypatch.setattr(script.platform, "machine", lambda: machine)
    monkeypatch.setattr(script.sysconfig, "get_platform", lambda: name)


@pytest.mark.parametrize("key", COMPUTERS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_computer_without_a_build_of_pytorch_is_told_before_anything_is_installed(
    script, steps, monkeypatch, key, lang
):
    pretend(script, monkeypatch, *COMPUTERS[key])
    language.use(lang)
    with pytest.raises(script.SetupError) as refused:
        script.prepare("")
    assert str(refused.value) == language.message(key, version="13.7.1")
    assert steps == []


def test_a_32_bit_python_is_told_before_anything_is_installed(script, steps, monkeypatch):
    monkeypatch.setattr(script.sys, "maxsize", 2**31 - 1)
    with pytest.raises(script.SetupError, match="32-bit"):
        script.prepare("")
    assert steps == []


@pytest.mark.parametrize(
    "computer",
    [
        ("14.0", "arm64", "macosx-11.0-arm64"),
        ("26.1", "arm64", "macosx-10.9-universal2"),
        ("", "x86_64", "linux-x86_64"),
        ("", "aarch64", "linux-aarch64"),
        ("", "AMD64", "win-amd64"),
    ],
)
def test_a_computer_with_a_build_of_pytorch_is_set_up(script, steps, monkeypatch, computer):
    pretend(script, monkeypatch, *computer)
    script.prepare("")
    assert steps == ["create", "install"]


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_is_installed(script, steps, monkeypatch):
    def refused(path, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(script.Path, "mkdir", refused)
    with pytest.raises(script.SetupError, match="cannot be written to.*copy the whole folder"):
        script.prepare("")
    assert steps == []


def test_a_complete_environment_in_a_folder_that_cannot_be_written_to_is_used(script, steps, monkeypatch):
    script.prepare("")
    monkeypatch.setattr(script.Path, "mkdir", None)
    script.prepare("")
    assert steps == ["create", "install"]


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 2)])
def test_a_supported_python_is_taken(script, version):
    assert script.check_python(version) is None


def test_the_supported_versions_are_those_of_the_package(script):
    assert 'requires-python = ">=3.11,<3.14"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_an_old_python_can_read_the_script_up_to_its_refusal():
    assert ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_no_module_beside_the_script_hides_one_of_the_standard_library():
    beside = {path.stem for path in SCRIPT.parent.iterdir()}
    assert not beside & sys.stdlib_module_names


def test_a_python_without_ensurepip_is_told_which_package_to_install(script, monkeypatch):
    monkeypatch.setattr(script, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(script.SetupError, match="sudo apt install python3[.][0-9]+-venv"):
        script.create()


def test_too_little_room_is_noticed_before_the_download(script, monkeypatch):
    monkeypatch.setattr(script, "watch", lambda *command: None)
    monkeypatch.setattr(script.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, 123_000_000))
    with pytest.raises(script.SetupError, match="123 MB are free"):
        script.create()


# What pip really wrote, shortened.
COMPLAINTS = {
    "setup.disk": "ERROR: Could not install packages due to an OSError: [Errno 28] 设备上没有空间",
    "setup.network": "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\n"
    "ERROR: No matching distribution found for torch==2.13.0",
    "setup.no_build": "ERROR: No matching distribution found for torch==2.13.0",
    "setup.long_path": "HINT: This error might have occurred since this system does not have Windows Long Path support",
    "setup.failed": "ERROR: Cannot uninstall something",
}


@pytest.mark.parametrize("key", COMPLAINTS)
def test_what_pip_complains_of_is_told_with_a_remedy(script, key):
    assert script.cause(COMPLAINTS[key]) == key
    assert len(language.message(key, folder=".venv")) > 60


def test_a_full_disk_is_named_even_where_venv_fails_without_a_word(script, monkeypatch):
    monkeypatch.setattr(script.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, 1_000))
    assert script.cause("Error: Command returned non-zero exit status 1.") == "setup.disk"
