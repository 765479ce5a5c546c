"""The JSON data that the kernel and the page exchange. The interfaces in page/data.d.ts have the same names.

A key that is not always sent is NotRequired here, and has a question mark there. A test compares the two.
"""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from seeing_gradients.picture import scene as picture

CheckCell: TypeAlias = tuple[str, str]  # central difference; "=", "≠" or "" where it is unknown


class Control(TypedDict):
    """One argument of f, or v."""

    name: str
    kind: str
    is_v: bool
    first: int
    labels: list[str]
    nudges: list[str]
    low: float
    high: float
    step: float
    text: str


ExtraPlace: TypeAlias = Literal["shown", "more", "none"]


class Extras(TypedDict):
    """What not everyone needs, and where it stands: in the toolbar, behind "more", or nowhere, since it could not work."""

    saved: ExtraPlace
    cut: ExtraPlace
    keep: ExtraPlace
    shapes: ExtraPlace
    plot: ExtraPlace


class SourceCode(TypedDict):
    """The source of f: the number of its first line, and its lines."""

    first: int
    lines: list[str]


class PlotLabels(TypedDict):
    """The words about plots."""

    plot: str
    none: str
    along: str
    over: str
    derivative: str
    log_axis: str
    descent: str
    steps_label: str
    lr_label: str
    keys: str
    curve: str
    contours: str
    drawing: str
    no_gradient: str
    value: str


class SavedTensorsLabels(TypedDict):
    """The words about saved tensors."""

    saved_tensors: str
    retain: str
    twice: str
    saves: str
    signs: dict[str, str]


class CutLabels(TypedDict):
    """The words about cut edges."""

    cut: str
    cut_choose: str
    cut_here: str
    cut_restore: str


class PreviewLabels(TypedDict):
    """The words about shapes and previews of tensors."""

    shapes: str
    broadcast: str
    thumbnail: str


class BaselineLabels(TypedDict):
    """The words about comparing two runs."""

    compare: str
    compare_end: str
    baseline_run: str
    numbers_of: str
    was: str


class JacobianLabels(TypedDict):
    """The words about the Jacobian."""

    jacobian: str
    jacobian_weights: str
    jacobian_sum: str
    jacobian_gradient: str
    jacobian_same: str
    jacobian_other: str
    jacobian_input: str
    jacobian_all: str


class NudgeLabels(TypedDict):
    """The words about the nudge."""

    start: str
    end: str
    about: str
    input: str
    step: str
    step_name: str
    flip: str
    legend: str


class SearchLabels(TypedDict):
    """The words about searching."""

    search: str
    search_none: str
    search_count: str


class Labels(TypedDict):
    """Every word of the page, in the lesson's language."""

    input: str
    value: str
    gradient: str
    check: str
    check_long: str
    agrees: str
    differs: str
    forward: str
    backward: str
    hint: str
    saved: str
    reset: str
    fixed: str
    printed: str
    slider: str
    number: str
    graph: str
    where: str
    kind_leaf: str
    kind_constant: str
    kind_op: str
    kind_detached: str
    kind_module: str
    kind_loop: str
    round: str
    round_before: str
    round_after: str
    bundle: str
    steps: str
    to_first: str
    to_previous: str
    play: str
    pause: str
    to_next: str
    to_last: str
    step_number: str
    all_shown: str
    source: str
    close_group: str
    zoom_in: str
    zoom_out: str
    zoom_fit: str
    more: str
    tip: str
    connector: str
    direction_right: str
    direction_down: str
    name: str
    code: SourceCode | None
    language: str
    silent: str
    plot: PlotLabels
    saved_tensors: SavedTensorsLabels
    cuts: CutLabels
    tensor_previews: PreviewLabels
    baseline: BaselineLabels
    jacobian: JacobianLabels
    nudge: NudgeLabels
    search: SearchLabels


class Problem(TypedDict):
    """A problem of a run."""

    severity: Literal["error", "warning"]
    text: str
    code: str


class TensorPreview(TypedDict):
    """The elements of a tensor as bars: parts of the largest magnitude, -1 to 1; None for nan and infinity."""

    rows: int
    bars: list[float | None]
    texts: list[str]
    part: bool


class PlotPoint(TypedDict):
    """The value and the slopes at a position, as numbers and as texts; and how slopes are drawn.

    tangent: of a curve, its values at equal distances along the axis. arrow: of contours, lines of points in px, or [].
    """

    y: float | None
    slopes: list[float | None]
    texts: list[str]
    norm: NotRequired[str]
    tangent: NotRequired[list[float | None]]
    arrow: NotRequired[list[list[list[float]]]]


class Jacobian(TypedDict):
    """A note why there is no Jacobian, or else all other keys."""

    inputs: list[str]
    input: str
    note: NotRequired[str]
    rows: NotRequired[list[str]]
    columns: NotRequired[list[str]]
    cells: NotRequired[list[list[str]]]
    parts: NotRequired[list[list[float | None]]]
    weights: NotRequired[list[str]]
    lights: NotRequired[list[float]]
    sum: NotRequired[list[str]]
    grads: NotRequired[list[str]]
    same: NotRequired[bool]
    starts: NotRequired[list[int]]


class Nudge(TypedDict):
    """A nudge: the sentences that compare the real and the predicted move, and whether they part.

    moves, products, details, previews: of each node; missing if f failed or recorded another graph at the moved position. rounds:
    of folded loops, by the id of the node, the move in each round. apart: the nodes at which the moves part.
    """

    input: str
    step: float
    sentence: str
    verdict: str
    reason: str
    parts: bool
    moves: NotRequired[list[str]]
    products: NotRequired[list[str]]
    details: NotRequired[list[list[str]]]
    previews: NotRequired[list[TensorPreview | None]]
    rounds: NotRequired[dict[str, list[str]]]
    apart: NotRequired[list[int]]


class State(TypedDict):
    """The numbers of one position, as text.

    If f failed, those of the last good one; fewer if there is no good one yet.
    """

    sequence: int
    position: list[float]
    call: str
    problem: Problem | None
    printed: str
    fresh: bool
    complete: NotRequired[bool]
    last_good_call: NotRequired[str | None]
    summary: NotRequired[str]
    output: NotRequired[str]
    gradients: NotRequired[list[str]]
    details: NotRequired[list[list[str] | None]]
    step_captions: NotRequired[list[list[str]]]
    scene: NotRequired[int]
    values: NotRequired[list[str]]
    grads: NotRequired[list[str]]
    flows: NotRequired[list[str]]
    rounds: NotRequired[dict[str, list[list[str]]]]
    round_details: NotRequired[dict[str, list[list[list[str]]]]]
    failed: NotRequired[int]
    point: NotRequired[PlotPoint | None]
    jacobian: NotRequired[Jacobian]
    saved_tensors: NotRequired[list[list[list[str]]]]
    saved_sentences: NotRequired[list[str]]
    memory: NotRequired[str]
    inplace_writes: NotRequired[list[list[list[Any] | None]]]
    tensor_previews: NotRequired[list[list[TensorPreview | None] | None]]
    shapes: NotRequired[list[list[str]]]
    nudge: NotRequired[Nudge]


class Check(TypedDict):
    """The central differences beside the gradients of the table."""

    sequence: NotRequired[int]
    cells: NotRequired[list[CheckCell]]


class SavedTensorsChoice(TypedDict):
    """Whether saved tensors are shown, retained after backward, and backward called twice."""

    on: bool
    retain: bool
    twice: bool


class NudgeChoice(TypedDict):
    """What to nudge: one of the labels in `Control.nudges`, "" for nothing, and how far."""

    input: str
    step: float


class PlotChoice(TypedDict):
    """What to plot: see `plot_view.Choice`."""

    inputs: list[str]
    log: list[int]
    derivative: bool
    steps: int
    lr: float


class PlotAxis(TypedDict):
    """An axis; scale: as `charts.Axis.scale`; ticks: share of its length, and text."""

    name: str
    low: float
    high: float
    log: bool
    scale: tuple[float, float]
    ticks: list[list[Any]]


class PlotInputAxis(PlotAxis):
    """The axis of an input."""

    slider: int


class PlotCurve(TypedDict):
    """A curve as path data, and its ends at jumps: x, y, whether the function takes that value."""

    axis: PlotAxis
    d: str
    ends: list[list[Any]]
    height: int


class PlotDescent(TypedDict):
    """The steps of gradient descent: inputs and value of each."""

    start: list[float]
    points: list[list[float | None]]


class Plot(TypedDict):
    """A plot; without a kind if no plot is chosen."""

    sequence: int
    position: list[float]
    choice: PlotChoice
    done: bool
    kind: NotRequired[Literal["curve", "contours"]]
    width: NotRequired[int]
    height: NotRequired[int]
    name_beside: NotRequired[bool]
    name: NotRequired[str]
    axes: NotRequired[list[PlotInputAxis]]
    notes: NotRequired[list[str]]
    vector: NotRequired[str | None]
    value: NotRequired[PlotCurve | None]
    derivative: NotRequired[PlotCurve | None]
    field: NotRequired[list[list[Any]] | None]
    empty: NotRequired[bool]
    descent: NotRequired[PlotDescent | None]


class Scene(picture.Scene):
    """What stays while only numbers change: where everything is drawn, in px.

    key tells it from the others of this explorer; steps: [phase, node id], as `step_captions.step_order` gives them.
    """

    key: int
    steps: list[list[Any]]


class AheadEntry(TypedDict):
    """A position at which f ran ahead of the sliders; state is None if the page should not ask again."""

    position: list[float]
    state: State | None
    cells: list[CheckCell] | None


class AheadAnswer(TypedDict):
    """Positions at which f ran ahead of the sliders, and the scenes that the page lacks for them."""

    forget: NotRequired[bool]
    entries: NotRequired[list[AheadEntry]]
    scenes: NotRequired[list[Scene]]
    off: NotRequired[bool]


class SearchEntry(TypedDict):
    """A module or a named node that a search can find.

    name, text: what is searched, "layers.0.weight" and its class or operation; opens: keys of the modules that must be
    open for it to be seen, outermost first; group: the key of a module; node: the name of a node in its scene.
    """

    name: str
    text: str
    opens: list[str]
    group: NotRequired[str]
    node: NotRequired[str]
