"""A build hook for an editable install: `helpers` becomes importable, JupyterLab gets the course's settings.

No wheel contains either: the one would hide other people's `helpers.py`, the other change their JupyterLab. A
lesson's kernel starts in the folder of its notebook, and from there `from helpers import record` must find this folder.
Its path is written to a .py file that a .pth file imports, and not to the .pth file itself: Python reads that
in the system's encoding, which fails for a path with a Chinese user name.
JupyterLab does not ask each new user about news over the network, and has settings per language for `helpers lab`.
"""

import os
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "_helpers_of_the_course"


class EditableHelpers(BuildHookInterface):
    """Hatch's build hook; pyproject.toml names this file and the settings."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add to an editable wheel the settings, a .py file that maps `helpers` to this checkout, and a .pth that runs it.

        Args:
            version: of the wheel, "standard" or "editable"; nothing is added to a standard one.
            build_data: Hatch's description of the wheel, to which the files are added.
        """
        if version != "editable":
            return
        folder = Path(mkdtemp())
        target = os.path.join(self.root, "helpers", "__init__.py")
        texts = {
            f"{NAME}.py": "from editables.redirector import RedirectingFinder as F\n"
            f"F.install()\nF.map_module('helpers', {target!r})\n",
            f"{NAME}.pth": f"import {NAME}",
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
            build_data["force_include_editable"][str(folder / name)] = name
        build_data["shared_data"] |= self.config["editable-data"]
