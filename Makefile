# On Windows, and wherever make is missing: `py helpers lab`, `py helpers test`, `py helpers setup`.
PYTHON ?= python3

.PHONY: lab test setup notebooks lint bench
lab:       ; @$(PYTHON) helpers lab $(ARGS)
test:      ; @$(PYTHON) helpers test $(ARGS)
setup:     ; @$(PYTHON) helpers setup
notebooks: ; @$(PYTHON) helpers run notebooks/build.py $(ARGS)
lint:      ; @$(PYTHON) helpers run -m ruff check . && $(PYTHON) helpers run -m ruff format --check .
bench:     ; @$(PYTHON) helpers run -m tests.bench $(ARGS)
