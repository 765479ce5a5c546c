"""The errors of a recording.

RecordError
 +- ArgumentError          an argument that record cannot pass to f
 +- CallsBackwardError     f calls backward itself
 +- FreedGraphError        f used a tensor whose graph was made, and freed, before f ran
 +- OutputError            f returned no tensor, or several between which the caller must choose
 +- NoGradError            the output depends on nothing that requires grad
 +- VectorOutputError      the output has several elements and gradient is missing
 +- GradientShapeError     gradient does not have the shape of the output
 +- RecordingLimitError    too many operations, or too much time
 +- ActivationError        record.activations has nothing at that path

An error that f itself raises is not wrapped.
"""

from typing import TYPE_CHECKING, Any

from seeing_gradients.language import message

if TYPE_CHECKING:
    from .types import Record


class RecordError(Exception):
    """Base class. The text of an error comes from the catalogue, in the lesson's language, when it is shown.

    Attributes:
        key: str, of the sentence in the catalogue, "record.not_a_tensor".
        fields: dict, the fields of that sentence.
        record: Record of the part before the error, or None.
    """

    def __init__(self, key: str, record: "Record | None" = None, **fields: Any) -> None:
        super().__init__(key)
        self.key, self.record, self.fields = key, record, fields

    def __str__(self) -> str:
        return message(self.key, **self.fields)


class ArgumentError(RecordError, TypeError):
    """An argument that record cannot pass to f."""


class CallsBackwardError(RecordError, RuntimeError):
    """f calls backward itself; record does that afterwards."""


class FreedGraphError(RecordError, RuntimeError):
    """f used a tensor whose graph was made before f ran, and freed by an earlier backward."""


class OutputError(RecordError, TypeError):
    """f returned no tensor, or several between which `output` must choose."""


class NoGradError(RecordError, RuntimeError):
    """The output depends on nothing that requires grad."""


class VectorOutputError(RecordError, RuntimeError):
    """The output has several elements and gradient is missing."""


class GradientShapeError(RecordError, ValueError):
    """gradient does not have the shape of the output."""


class RecordingLimitError(RecordError, RuntimeError):
    """Too many operations or too much time; `record` holds the part before the limit."""


class ActivationError(RecordError, KeyError):
    """record.activations has nothing at that path."""
