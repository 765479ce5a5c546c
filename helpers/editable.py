"""A build hook: an editable install of the course makes `helpers` importable as well, which no wheel contains.

A lesson's kernel starts in the folder of the notebook, so that `from helpers import record` needs a path. It stands in a
.py file, as that of the library does: Python reads a .pth file in the system's encoding, which breaks on a Chinese user name.
"""

import os
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "_helpers_of_the_course"


class EditableHelpers(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add two files to an editable wheel: one that maps `helpers` to this checkout, and one that runs it at start."""
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
