"""In place of a package that jsonschema uses if it is there: to check addresses that no test has, it compiles 38 grammars.

That takes more than two seconds of every process that reads a notebook. `make test` has this folder on the PYTHONPATH of all
that it starts, and a Jupyter server of the tests has it in any case.
"""

raise ImportError("left out: it takes a second to import")
