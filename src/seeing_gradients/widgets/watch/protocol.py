"""What Python and the page of watch exchange, as JSON; data.d.ts declares the same for the page."""

from typing import NotRequired, TypedDict

from seeing_gradients.picture.shapes import Shape


class WatchControl(TypedDict):
    """A choice: a slider (integer, number), a menu, or a switch."""

    name: str
    kind: str
    low: float
    high: float
    log: bool
    options: list[str]


class WatchSpec(TypedDict):
    """What never changes."""

    title: str
    controls: list[WatchControl]
    measures: list[str]
    labels: dict[str, str]


class WatchRow(TypedDict):
    """A module, or a block of modules."""

    path: str
    kind: str
    shape: str


class WatchLink(TypedDict):
    """A connection that is not from a row to the next one, e.g. a skip connection.

    Attributes:
        source, target: numbers of rows; -1 for the model's input, the number of rows for its output.
        lane: the distance of its bracket from the rows, from 0.
        text: "0 → 3".
    """

    source: int
    target: int
    lane: int
    text: str


class WatchLine(TypedDict):
    """A line of a measure over the steps.

    Attributes:
        row: the index of its row.
        name: of the parameter; "" for what a module returns.
        texts: the number of each snapshot.
        shades: a character for each snapshot: "0" to "8", "z" for exactly 0, "x" for nan and inf, "-" for none.
        track: the shades over time as shapes, in a box of 1000 x 10.
    """

    row: int
    name: str
    texts: list[str]
    shades: str
    track: list[Shape]


class WatchMeasure(TypedDict):
    """One of the measures: gradient, update, spread, dead."""

    lines: list[WatchLine]
    low: str
    high: str


class WatchLoss(TypedDict):
    """The loss over the steps: shapes in a box of 1000 x 100, its ticks as (share, text), a text for each snapshot."""

    curve: list[Shape]
    ticks: list[tuple[float, str]]
    texts: list[str]


class WatchBoundary(TypedDict):
    """What a model of two inputs makes of the plane.

    Attributes:
        size: width and height, px, with the axes.
        offset: of the frame, px.
        axes, points: shapes, always the same.
        frames: the shapes of some snapshots.
        frame_of: the index of the frame of each snapshot.
        classes: the names of the classes.
    """

    size: list[int]
    offset: list[int]
    axes: list[Shape]
    points: list[Shape]
    frames: list[list[Shape]]
    frame_of: list[int]
    classes: list[str]


class WatchPanel(TypedDict):
    """One run.

    Attributes:
        caption: its choices.
        steps: the step of each snapshot.
        shares: where each snapshot lies, from 0 to 1000.
        done: how many steps were taken, of `total`.
        last: the step at the right end of the time axis, which all panels share.
        openable: whether each snapshot can be opened in the explorer, "1" or "0".
        chained: whether the input enters the first row, the output of each row the next one, and that of the last row the
            output; [] if that is unknown.
        trouble: where a nan began; "" if nowhere.
        trouble_row: the index of its row, or -1.
        notes: sentences below.
        cost: a sentence on the time that watching took, once the run is over; never in the static picture.
    """

    caption: str
    steps: list[int]
    shares: list[float]
    done: int
    total: int
    last: int
    loss: WatchLoss
    rows: list[WatchRow]
    links: list[WatchLink]
    chained: list[bool]
    measures: dict[str, WatchMeasure]
    boundary: NotRequired[WatchBoundary]
    openable: str
    trouble: str
    trouble_row: int
    notes: list[str]
    cost: str


class WatchShown(TypedDict):
    """What there is to see: the run, and the one that it is compared with.

    Attributes:
        sequence: of the training; each new choice begins another one.
        is_training: whether more steps follow.
        panels: one or two.
        problem: an error that stopped the training, or "".
    """

    sequence: int
    is_training: bool
    panels: list[WatchPanel]
    problem: str
