"""A Record as a picture.

`scene` lays a Record out (`layout` does the geometry, `wrapped_rows` that of several rows), and its `texts` are the
numbers (`labels` formats them).
`painting` draws a scene as SVG, and `static` holds `draw`. `folding` folds the modules of a model,
`saved_tensor_chips` describes what backward nodes save, `export` writes files. The plots of the widgets use `charts`,
`contours` and `discontinuities`. `svg` holds the elements of all static pictures, `theme` every colour and size.
"""
