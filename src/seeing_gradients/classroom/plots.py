"""The two plots of the class page, as SVG whose lines and letters take the colour and the font of the page."""

import io

from markupsafe import Markup

from seeing_gradients.picture import theme


def histogram(points, most, label):
    """Return the distribution of points as inline SVG.

    Args:
        points: list of float.
        most: float, the full score.
        label: str, for who cannot see it.
    """
    from matplotlib.ticker import MaxNLocator

    figure, axes = _axes(6.4, 2.4)
    axes.hist(points, bins=10, range=(0, most or 1), color=theme.HISTOGRAM, rwidth=0.92)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    return _svg(figure, label)


def shares(exercises, table, label):
    """Return one bar an exercise, divided as its answers ended, as inline SVG.

    Args:
        exercises: list of str, ids.
        table: list of lists of percentages, in the order of theme.ANSWER_STATES, one list an exercise.
        label: str, for who cannot see it.
    """
    figure, axes = _axes(6.4, 0.7 + 0.32 * len(exercises))
    left = [0.0] * len(exercises)
    for place, colour in enumerate(theme.ANSWER_STATES.values()):
        widths = [row[place] for row in table]
        axes.barh(exercises, widths, left=left, color=colour, height=0.7)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_xlim(0, 100)
    axes.invert_yaxis()
    return _svg(figure, label)


def _axes(width, height):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.tick_params(colors=theme.CURRENT_COLOUR, labelsize=11)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.CURRENT_COLOUR)
    return figure, axes


def _svg(figure, label):
    import matplotlib

    file = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": label}):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    text = text[text.index("<svg") :].replace(theme.CURRENT_COLOUR, "currentColor")
    name = Markup.escape(label)
    return Markup(text.replace("<svg", f'<svg role="img" aria-label="{name}"', 1))
