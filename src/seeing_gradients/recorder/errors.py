"""What can go wrong with a recording.

RecordError
 +- ArgumentError          an argument that record cannot pass to f
 +- CallsBackwardError     f runs backward itself
 +- OutputError            f returned something that is not a tensor
 +- NoGradError            nothing on the way to the output requires grad
 +- VectorOutputError      the output has several elements and no gradient was given
 +- GradientShapeError     gradient is not of the output's shape
 +- RecordingLimitError    too many operations, or too much time

An error that f itself raises is not wrapped: it passes through as it is.
"""

from typing import TYPE_CHECKING, Any

from seeing_gradients.language import message

if TYPE_CHECKING:
    from .types import Record


class RecordError(Exception):
    """Base of the family; its text comes from the catalogue, in the lesson's language when it is shown.

    Attributes:
        key: str, the catalogue's key, "record.not_a_tensor".
        fields: dict, what the sentence names.
        record: Record of what was recorded before the error, or None.
    """

    def __init__(self, key: str, record: "Record | None" = None, **fields: Any) -> None:
        super().__init__(key)
        self.key, self.record, self.fields = key, record, fields

    def __str__(self) -> str:
        return message(self.key, **self.fields)


class ArgumentError(RecordError, TypeError):
    """An argument that record cannot pass to f."""


class CallsBackwardError(RecordError, RuntimeError):
    """f runs backward itself, and record runs it afterwards."""


class OutputError(RecordError, TypeError):
    """f returned something that is not a tensor."""


class NoGradError(RecordError, RuntimeError):
    """Nothing on the way to the output requires grad."""


class VectorOutputError(RecordError, RuntimeError):
    """The output has several elements and no gradient was given."""


class GradientShapeError(RecordError, ValueError):
    """gradient is not of the output's shape."""


class RecordingLimitError(RecordError, RuntimeError):
    """Too many operations or too much time; `record` holds what was recorded so far."""
