"""The self-test of lesson 00: a complete installation passes, and there is a remedy for whatever may be missing."""

import sys
from collections import namedtuple
from importlib import metadata

import pytest

from helpers import language
from seeing_gradients.course import selftest


def remedies(report):
    return [finding.remedy for finding in report.findings if finding.remedy]


def test_a_complete_installation_needs_no_fix():
    report = selftest.selftest()
    assert remedies(report) == [] and report.passed
    assert {"Python", "torch", "matplotlib", "ipywidgets", "anywidget"} <= {f.what for f in report.findings}
    assert f"torch: {metadata.version('torch')}" in repr(report)


def test_another_python_than_the_lessons_run_on_is_named_with_the_command_that_helps(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    (remedy,) = remedies(selftest.selftest())
    assert "Python 3.10.4" in remedy and "make lab PYTHON=python3.13" in remedy


def test_a_kernel_outside_the_courses_own_environment_is_noticed(monkeypatch, tmp_path):
    monkeypatch.setattr(selftest, "OWN_ENVIRONMENT", tmp_path)
    assert any("Change Kernel" in remedy for remedy in remedies(selftest.selftest()))


def test_without_an_environment_of_its_own_any_kernel_will_do(monkeypatch, tmp_path):
    monkeypatch.setattr(selftest, "OWN_ENVIRONMENT", tmp_path / "none")
    assert selftest.selftest().passed


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(selftest.metadata, "requires", lambda name: ["no-such-package>=1"])
    (finding,) = selftest.packages()
    assert finding.remedy.startswith("no-such-package is missing")


def test_a_package_in_another_version_is_named_with_the_range(monkeypatch):
    monkeypatch.setattr(selftest.metadata, "requires", lambda name: ["torch<3,>=2.99", "filelock>=1"])
    (finding,) = selftest.packages()
    assert finding.remedy.startswith("torch must be <3,>=2.99")


def test_a_course_that_is_not_installed_is_noticed(monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(selftest.metadata, "requires", absent)
    assert "not installed" in selftest.packages()[0].remedy


@pytest.mark.parametrize(
    ("version", "good"), [("2.13.0+cpu", True), ("2.12.9", False), ("2.13", True), ("2.9", False), ("3.0.0", False)]
)
def test_versions_are_compared_as_numbers(version, good):
    assert selftest.satisfies(version, ">=2.13,<3") is good


@pytest.mark.parametrize(
    ("error", "words"),
    [(OSError("[WinError 126] cannot find c10.dll"), "Visual C++"), (ImportError("libtorch.so"), "Restart Kernel")],
)
def test_a_pytorch_that_cannot_be_loaded_gets_the_remedy_for_its_error(monkeypatch, error, words):
    def broken(name):
        raise error

    monkeypatch.setattr(selftest, "import_module", broken)
    (remedy,) = remedies(selftest.selftest())
    assert words in remedy and str(error) in remedy


def test_missing_parts_of_jupyterlab_are_noticed(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    text = " ".join(remedies(selftest.selftest()))
    assert "jupyterlab-manager, anywidget is not in this Python" in text and "server extension" in text


def test_a_progress_file_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "file" / "progress.json"))
    (remedy,) = remedies(selftest.selftest())
    assert str(tmp_path) in remedy and "SEEING_GRADIENTS_PROGRESS" in remedy


def test_a_full_disk_is_reported_with_the_free_space(monkeypatch):
    monkeypatch.setattr(selftest.shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(3 * 10**6))
    assert remedies(selftest.selftest())[0].startswith("Only 3 MB are free")


@pytest.mark.parametrize(("free", "passed"), [(10**6, False), (10**10, True), (None, True)])
def test_little_memory_is_reported_and_an_unknown_amount_passes(monkeypatch, free, passed):
    monkeypatch.setattr(selftest, "available_memory", lambda: free)
    assert selftest.selftest().passed is passed


def test_the_limit_of_a_container_counts(monkeypatch, tmp_path):
    for name, text in {"memory.max": "2000", "memory.current": "500", "meminfo": "MemAvailable:  9999 kB"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(selftest, "_CONTROL_GROUP", tmp_path)
    monkeypatch.setattr(selftest, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(sys, "platform", "linux")
    assert selftest.available_memory() == 1500
    (tmp_path / "memory.max").write_text("max", encoding="utf-8")
    assert selftest.available_memory() == 9999 * 1024


def test_the_report_speaks_the_language_of_the_lesson_and_escapes_what_it_shows():
    language.use("zh")
    report = selftest.Report([selftest.Finding("<b>", "1", "2 < 3")])
    assert "还有1处没有就绪" in repr(report)
    assert "&lt;b&gt;" in report._repr_html_() and "2 &lt; 3" in report._repr_html_()
