"""The static picture of a run, which stands beside the widget in a saved notebook: its last step."""

from collections.abc import Mapping, Sequence

from seeing_gradients.language import joined
from seeing_gradients.picture import shapes, svg, theme
from seeing_gradients.picture.labels import brief, fit, wrap
from seeing_gradients.picture.shapes import Style

from .boundary import MOST_CLASSES
from .panel import LINE_HEIGHT, LOSS_HEIGHT, SHADES, WIDTH
from .protocol import WatchBoundary, WatchLink, WatchPanel

_BOX, _NAME, _NUMBER, _TRACK, _TRACK_WIDTH = 14, 232, 376, 392, 400  # x of the columns, px
_BOXES, _LANE = 196, 8  # width of the boxes of the rows with the brackets beside them; of one bracket, px
_LINE, _GAP = 17, 7  # height of a line; between two rows
_LOSS = 84  # height of the loss, px
_CLASSES = (theme.CLASS_A, theme.CLASS_B, theme.CLASS_C, theme.CLASS_D)
_OPACITIES = [round(0.06 + 0.94 * i / (SHADES - 1), 2) for i in range(SHADES)]

_STYLES: dict[str, Style] = {
    **shapes.AXIS_STYLES,
    **{f"shade-{i}": {"fill": theme.GRADIENT, "fill_opacity": opacity} for i, opacity in enumerate(_OPACITIES)},
    "shade-z": {"fill": theme.SUBTLE},
    "shade-x": {"fill": theme.BAD},
    "loss": {"fill": "none", "stroke": theme.VALUE, "stroke_width": 1.5, "vector_effect": "non-scaling-stroke"},
    **{f"class-{c}": {"fill": _CLASSES[c], "stroke": theme.CARD, "stroke_width": 0.7} for c in range(MOST_CLASSES)},
    **{f"region-{c}": {"fill": _CLASSES[c], "fill_opacity": 0.14, "fill_rule": "evenodd"} for c in range(MOST_CLASSES)},
    "boundary": {"fill": "none", "stroke": theme.TEXT, "stroke_width": 1.5},
    "finite": {"fill": theme.CARD},
    "band": {"fill": theme.VALUE, "fill_opacity": 0.05, "fill_rule": "evenodd"},
    "contour": {"fill": "none", "stroke": theme.VALUE, "stroke_opacity": 0.6},
    "level": {
        "font_size": theme.TICK_SIZE, "text_anchor": "middle", "stroke": theme.CARD, "stroke_width": 3,
        "paint_order": "stroke",
    },
}  # fmt: skip


def paint(title: str, panels: Sequence[WatchPanel], problem: str, labels: Mapping[str, str]) -> str:
    """Return the picture as SVG text, at the last step of each run.

    Args:
        title: of the widget.
        panels: of one run or two; one below the other.
        problem: an error that stopped the training, or "".
        labels: of the page.
    """
    y, width, parts = 26.0, _TRACK + _TRACK_WIDTH + theme.MARGIN, []
    parts.append(svg.label(_BOX, y, title, size=theme.TITLE_SIZE, weight=600))
    said = title
    for panel in panels:
        part, height, across = _panel(panel, labels)
        parts.append(svg.group(0, y, part))
        y, width = y + height, max(width, across)
        said += f". {_summary(panel, labels)}"
    if problem or not panels:
        for line in wrap(problem or labels["no_steps"], 110):
            y += 20
            parts.append(svg.label(_BOX, y, line, fill=theme.BAD if problem else theme.MUTED))
    return svg.document(width, round(y + theme.MARGIN), said, "".join(parts))


def _summary(panel: WatchPanel, labels: Mapping[str, str]) -> str:
    if not panel["steps"]:
        return labels["no_steps"]
    text = labels["summary"].format(step=panel["steps"][-1], loss=panel["loss"]["texts"][-1])
    return joined((panel["caption"], text, panel["trouble"]))


def _panel(panel: WatchPanel, labels: Mapping[str, str]) -> tuple[str, float, float]:
    """The SVG text of a panel below y = 0, its height, and its width."""
    if not panel["steps"]:
        return svg.label(_BOX, 22, labels["no_steps"], fill=theme.MUTED), 30, 0
    y, width = 22.0, float(_TRACK + _TRACK_WIDTH + theme.MARGIN)
    last = panel["steps"][-1]
    heading = labels["step_of"].format(step=last, total=panel["total"])
    parts = [svg.label(_BOX, y, f"{panel['caption']} · {heading}" if panel["caption"] else heading, fill=theme.MUTED)]
    y += 12
    parts.append(svg.group(_TRACK, y, _loss(panel)))
    parts.append(svg.label(_BOX + 44, y + 14, panel["loss"]["texts"][-1], fill=theme.VALUE, size=theme.NUMBER_SIZE))
    parts.append(svg.label(_BOX, y + 14, labels["loss"], weight=600))
    top, y = y, y + _LOSS + 30
    rows, height = _rows(panel, labels)
    parts.append(svg.group(0, y, rows))
    x = _TRACK + panel["shares"][-1] / WIDTH * _TRACK_WIDTH
    parts.append(svg.line(f"M{x:.1f},{top}V{y + height:.0f}", theme.TEXT, 1.5))
    y += height
    if boundary := panel.get("boundary"):
        parts.append(svg.group(_TRACK + _TRACK_WIDTH + 16, top, _boundary(boundary, labels)))
        width += boundary["size"][0] + 16
        y = max(y, top + boundary["size"][1] + 24)
    for text, colour in ((panel["trouble"], theme.BAD), *((note, theme.MUTED) for note in panel["notes"])):
        for line in wrap(text, 120):
            y += 18
            parts.append(svg.label(_BOX, y, line, fill=colour, size=theme.SMALL_SIZE))
    return "".join(parts), y + 8, width


def _loss(panel: WatchPanel) -> str:
    ratio = f"scale({_TRACK_WIDTH / WIDTH:g} {_LOSS / LOSS_HEIGHT:g})"
    curve = svg.element("g", shapes.paint(panel["loss"]["curve"], _STYLES), transform=ratio)
    frame = svg.element("rect", width=_TRACK_WIDTH, height=_LOSS, fill="none", stroke=theme.HAIRLINE)
    ticks = "".join(
        svg.label(-6, (1 - share) * _LOSS + 4, text, "end", theme.MUTED, theme.TICK_SIZE)
        for share, text in panel["loss"]["ticks"]
        if 0 <= share <= 1
    )
    ends = svg.label(0, _LOSS + 15, "0", "start", theme.MUTED, theme.TICK_SIZE)
    end = svg.label(_TRACK_WIDTH, _LOSS + 15, str(panel["last"]), "end", theme.MUTED, theme.TICK_SIZE)
    return frame + curve + ticks + ends + end


def _rows(panel: WatchPanel, labels: Mapping[str, str]) -> tuple[str, float]:
    """The network with the gradient of each parameter over the steps: SVG text and its height."""
    measure = panel["measures"]["gradient"]
    parts, y = [_legend(measure["low"], measure["high"], labels["gradient"])], 24.0
    links, chained = panel["links"], panel["chained"]
    lanes = 1 + max((link["lane"] for link in links), default=-1)
    left = _BOX + _LANE * lanes
    width = _BOXES - _LANE * lanes
    tops, bottoms = {}, {}  # of each row, where connections end and begin
    ends = {link["source"] for link in links} | {link["target"] for link in links}
    count = len(panel["rows"])
    if -1 in ends:
        parts.append(svg.label(left + width / 2, y + 11, labels["input"], "middle", theme.MUTED, theme.TICK_SIZE))
        tops[-1] = bottoms[-1] = y + 7
        y += _LINE + _GAP
        if chained[0]:
            parts.append(
                svg.line(f"M{left + width / 2:g},{y - _GAP - 2:g}v{_GAP + 2}", theme.OUTLINE, theme.EDGE_WIDTH)
            )
    for i, row in enumerate(panel["rows"]):
        lines = [line for line in measure["lines"] if line["row"] == i]
        height = max(len(lines), 1) * _LINE + 4
        is_bad = i == panel["trouble_row"]
        outline = {
            "fill": theme.BAD_GROUND if is_bad else theme.SUBTLE,
            "stroke": theme.BAD if is_bad else theme.OUTLINE,
        }
        tops[i], bottoms[i] = y + _LINE / 2, y + height - _LINE / 2
        parts.append(svg.element("rect", x=left, y=y, width=width, height=height, rx=theme.MODULE_RADIUS, **outline))
        name = fit(f"{brief(row['path'], 18)} {row['kind']}".strip(), width - 14, theme.SMALL_SIZE)
        parts.append(svg.label(left + 9, y + 16, name, size=theme.SMALL_SIZE, weight=600))
        if row["shape"] and height > 2 * _LINE:
            parts.append(svg.label(left + 9, y + 32, row["shape"], fill=theme.MUTED, size=theme.TICK_SIZE))
        if chained and chained[i + 1] and (i + 1 < count or count in ends):
            parts.append(svg.line(f"M{left + width / 2:g},{y + height:g}v{_GAP}", theme.OUTLINE, theme.EDGE_WIDTH))
        for k, line in enumerate(lines):
            middle = y + 2 + (k + 0.5) * _LINE
            shade = line["shades"][-1]
            thick = 1 + int(shade) / 2 if shade.isdigit() else 1
            colour = theme.GRADIENT if shade.isdigit() else theme.BAD if shade == "x" else theme.OUTLINE
            parts.append(svg.line(f"M{_BOX + _BOXES},{middle:g}h18", colour, thick))
            parts.append(svg.label(_NAME, middle + 4, fit(line["name"], 84, theme.SMALL_SIZE), size=theme.SMALL_SIZE))
            number = f"← {line['texts'][-1]}"
            parts.append(svg.label(_NUMBER, middle + 4, number, "end", theme.GRADIENT, theme.SMALL_SIZE))
            scale = f"translate({_TRACK} {middle - 6:g}) scale({_TRACK_WIDTH / WIDTH:g} {12 / LINE_HEIGHT:g})"
            parts.append(svg.element("g", shapes.paint(line["track"], _STYLES), transform=scale))
        y += height + _GAP
    if count in ends:
        parts.append(svg.label(left + width / 2, y + 11, labels["output"], "middle", theme.MUTED, theme.TICK_SIZE))
        tops[count] = y + 7
        y += _LINE + _GAP
    parts += [_link(link, left, bottoms, tops) for link in links]
    return "".join(parts), y


def _link(link: WatchLink, x: float, bottoms: Mapping[int, float], tops: Mapping[int, float]) -> str:
    """The bracket of a connection at the left of the rows, which begin at x; an arrow head at its target."""
    is_up = link["target"] < link["source"]  # a module that is called again
    begin, end = (tops if is_up else bottoms)[link["source"]], (bottoms if is_up else tops)[link["target"]]
    far = x - _LANE * (link["lane"] + 1) + 2
    bend = 5 if end > begin else -5
    d = f"M{x:g},{begin:g}H{far + 5:g}Q{far:g},{begin:g} {far:g},{begin + bend:g}V{end - bend:g}"
    d += f"Q{far:g},{end:g} {far + 5:g},{end:g}H{x - 4:g}"
    head = svg.path(f"M{x:g},{end:g}l-6,-4v8Z", fill=theme.OUTLINE)
    return svg.line(d, theme.OUTLINE, theme.EDGE_WIDTH) + head


def _legend(low: str, high: str, name: str) -> str:
    swatches = "".join(
        svg.element("rect", x=_TRACK + 40 + 16 * i, y=2, width=16, height=10, **_STYLES[f"shade-{i}"])
        for i in range(SHADES)
    )
    ends = svg.label(_TRACK + 34, 11, low, "end", theme.MUTED, theme.TICK_SIZE)
    ends += svg.label(_TRACK + 46 + 16 * SHADES, 11, high, "start", theme.MUTED, theme.TICK_SIZE)
    return svg.label(_NUMBER, 11, name, "end", theme.MUTED, theme.TICK_SIZE) + swatches + ends


def _boundary(boundary: WatchBoundary, labels: Mapping[str, str]) -> str:
    left, top = boundary["offset"]
    frame = boundary["frames"][boundary["frame_of"][-1]]
    drawn = shapes.paint([*frame, *boundary["axes"], *boundary["points"]], _STYLES)
    return svg.group(left, top, drawn) + svg.label(
        left, boundary["size"][1] + 12, labels["boundary"], fill=theme.MUTED, size=theme.TICK_SIZE
    )
