"""Real handwritten digits without a download: 1,797 images of 8 by 8 pixels, the data set that scikit-learn has.

`load_digits()` returns the images and their labels. They stand in the file digits.npz beside this module (45 kB), since
scikit-learn and SciPy, which it needs, would be the largest packages of the course after PyTorch.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49, CC BY 4.0. Of it these are the digits of its test set, in its order, as in
`sklearn.datasets.load_digits`; unchanged but for the file format.
"""

from importlib.resources import as_file, files

import numpy as np
import torch
from torch import Tensor

__all__ = ["load_digits"]


def load_digits() -> tuple[Tensor, Tensor]:
    """Return the images and their labels.

    Returns:
        (images (1797, 64) float32, row by row, from 0, white, to 1, black; labels (1797,) int64, 0 to 9).
    """
    with as_file(files("seeing_gradients.course") / "digits.npz") as path, np.load(path) as arrays:
        images, labels = arrays["images"], arrays["labels"]  # uint8; the pixels are 0 to 16
    return torch.from_numpy(images).float() / 16, torch.from_numpy(labels).long()
