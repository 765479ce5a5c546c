"""SVG to PNG, by resvg: a wheel of 1.4 MB without system libraries, the same on Windows, macOS and Linux.

Letters come from the system's fonts, and from the DejaVu fonts of Matplotlib, where that is installed.
"""

import re
from pathlib import Path

from seeing_gradients.language import message

_SHARP = 2  # pixels of the PNG per px of the SVG
_MOST = 40_000_000  # pixels: 160 MB while it is painted


def png(svg):
    """Return an SVG picture as the bytes of a PNG file, with two pixels per px; one where it is large.

    Args:
        svg: str, as `draw` writes it.

    Raises:
        ModuleNotFoundError: resvg_py is not installed.
        ValueError: the picture is too large for a PNG.
    """
    try:
        import resvg_py
    except ModuleNotFoundError:
        raise ModuleNotFoundError(message("export.no_rasteriser")) from None
    width, height = (float(size) for size in re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups())
    zoom = _SHARP if width * height * _SHARP**2 <= _MOST else 1
    if width * height * zoom**2 > _MOST:
        raise ValueError(message("export.too_large", width=round(width), height=round(height)))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, font_files=_fonts(), sans_serif_family="DejaVu Sans"))


def _fonts():
    try:
        import matplotlib
    except ModuleNotFoundError:
        return []
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [str(folder / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
