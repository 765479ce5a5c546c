"""Says in the lesson's language what an error message of Python or PyTorch means, without giving a solution away.

`explain(error)` returns a sentence or None.
"""

import re

from seeing_gradients.language import message

# a piece of the real message -> the sentence about it
_MEANINGS = (
    (r"element 0 of tensors does not require grad", "exercises.means_no_graph"),
    (r"grad can be implicitly created only for scalar outputs", "exercises.means_not_scalar"),
    (r"Trying to backward through the graph a second time", "exercises.means_second_time"),
    (r"a (view of a )?leaf Variable that requires grad", "exercises.means_in_place_on_leaf"),
    (r"modified by an inplace operation", "exercises.means_saved_value_changed"),
    (r"Can't call numpy\(\) on Tensor that requires grad", "exercises.means_numpy"),
    (r"floating point( and complex)? dtype can require gradients", "exercises.means_integers"),
    (r"appears to not have been used in the graph", "exercises.means_unused"),
    (r"you can only change requires_grad flags of leaf", "exercises.means_flag_of_non_leaf"),
    (r"'NoneType'", "exercises.means_none"),
    (r"can't allocate memory|not enough memory", "exercises.means_memory"),
    (
        r"must match the size|size mismatch|shapes cannot be multiplied|inconsistent tensor size",
        "exercises.means_sizes",
    ),
    (r"1D tensors expected", "exercises.means_vectors_only"),
    (r"same dtype", "exercises.means_dtypes"),
    (r"cannot be converted to Scalar|only one element tensors", "exercises.means_not_one_number"),
    (r"Boolean value of Tensor", "exercises.means_not_one_truth"),
    (r"'ellipsis'", "exercises.means_ellipsis"),
    (
        r"'(float|int)' object has no attribute '(backward|grad\w*|requires_grad\w*|detach)'",
        "exercises.means_plain_number",
    ),
    (r"must be Tensor, not (float|int)", "exercises.means_not_a_tensor"),
    (r"must be real number, not|Cannot convert expression to float", "exercises.means_not_a_number"),
    (r"positional argument", "exercises.means_arguments"),
)
_KINDS = (
    (NameError, "exercises.means_name"),
    (RecursionError, "exercises.means_recursion"),
    (MemoryError, "exercises.means_memory"),
    (ZeroDivisionError, "exercises.means_zero_division"),
    (SystemExit, "exercises.means_exit"),
)


def explain(error):
    """Return a sentence on what an exception means, or None where its own message must do."""
    text = str(error)
    for kind, key in _KINDS:
        if isinstance(error, kind):
            return message(key, name=getattr(error, "name", None) or "?")
    return next((message(key) for pattern, key in _MEANINGS if re.search(pattern, text)), None)
