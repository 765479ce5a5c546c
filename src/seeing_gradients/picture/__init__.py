"""A Record as a picture.

`scene` lays a Record out (`layout` does the geometry) and writes its numbers (`labels`); `painting` makes SVG of a scene, and
`static` is `draw`. `folding` folds a model's modules, `saved_tensors` tells what backward nodes save, `export` writes files.
`charts`, `contours` and `discontinuities` are what the widgets' plots are made of; `svg` holds the elements of all static
pictures and `theme` every colour and size.
"""
