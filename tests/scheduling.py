"""Which process of `make test` runs which file: the first one starts no browser while it finds other work.

A browser with JupyterLab takes a dozen seconds of processor time until it can be used, and each process that runs a file
of `tests/browser` starts its own. Two of them keep two cores busy.
"""

import pytest

BROWSER = "tests/browser/"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Take the place of pytest-xdist's scheduler where files are distributed over three processes or more."""
    if config.getoption("dist") != "loadfile" or len(config.getoption("tx")) < 3:
        return None
    from xdist.scheduler import LoadFileScheduling  # not above: it may be missing, and then nothing is distributed

    class FewBrowsers(LoadFileScheduling):
        def _assign_work_unit(self, node):
            if node.gateway.id == "gw0":
                put_others_first(self.workqueue)
            super()._assign_work_unit(node)

    return FewBrowsers(config, log)


def put_others_first(files):
    """Move the first file that needs no browser to the front of an OrderedDict with files as keys, if there is one."""
    other = next((file for file in files if not file.startswith(BROWSER)), None)
    if other is not None:
        files.move_to_end(other, last=False)
