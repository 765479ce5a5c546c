"""What the zoo needs installed, and torchvision beside a torch without CUDA."""

import importlib.util
from pathlib import Path

import torch

PACKAGES = (
    "diffusers",
    "segmentation_models_pytorch",
    "timm",
    "torch_geometric",
    "torchview",
    "torchvision",
    "transformers",
    "x_transformers",
)
_BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_libraries: list[torch.library.Library] = []  # an operator lives as long as the library that defines it


def is_installed() -> bool:
    """Whether every package of the zoo is installed."""
    return all(importlib.util.find_spec(name) is not None for name in PACKAGES)


def let_torchvision_load() -> None:
    """Make `import torchvision` work beside a torch without CUDA.

    The torchvision on PyPI is built for CUDA. Without CUDA its library of C++ operators does not load, and the import
    fails at the first of them, "operator torchvision::nms does not exist". The models of the zoo use none of these
    operators, so their names are enough.
    """
    package = importlib.util.find_spec("torchvision")
    if package is None or package.origin is None or _libraries:
        return
    for path in Path(package.origin).parent.glob("_C*"):
        try:
            torch.ops.load_library(str(path))
        except OSError:
            continue
        return
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + _BOXES)
    _libraries.append(library)
