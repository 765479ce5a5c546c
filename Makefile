# On Windows, and wherever make is missing: `py helpers lab`, `py helpers test`, `py helpers setup`.
PYTHON ?= python3
NODE_TOOLS = node_modules/.package-lock.json
FLOOR_TESTS = tests/recorder tests/picture tests/test_numeric.py
ZOO = build/zoo/requirements.txt

.PHONY: lab test setup notebooks lint bench floor zoo js types site site-test
lab:       ; @$(PYTHON) helpers lab $(ARGS)
test:      ; @$(PYTHON) helpers test $(ARGS)
setup:     ; @$(PYTHON) helpers setup
notebooks: ; @$(PYTHON) helpers run notebooks/build.py $(ARGS)
bench:     ; @$(PYTHON) helpers run -m tests.bench $(ARGS)
site:      $(NODE_TOOLS) ; @$(PYTHON) helpers run -m docs.builder $(ARGS)
site-test: $(NODE_TOOLS) ; @SITE=whole $(PYTHON) helpers test tests/website -n2 --dist=loadgroup $(ARGS)
lint:      $(NODE_TOOLS) ; @$(PYTHON) helpers run -m ruff check . && $(PYTHON) helpers run -m ruff format --check . \
             && npm run --silent lint && $(MAKE) --no-print-directory types
types:     $(NODE_TOOLS) ; @npm run --silent types && npm run --silent pyright
js:        $(NODE_TOOLS) ; @npm run --silent build
floor:     ; @$(PYTHON) -m venv build/floor && build/floor/bin/python -m pip install -q -r tests/floor.txt \
             && build/floor/bin/python -m pytest -o addopts= $(FLOOR_TESTS) $(ARGS)
zoo:       $(ZOO) ; @PYTHONPATH=build/zoo $(PYTHON) helpers run -m pytest -o addopts= -q tests/zoo $(ARGS) \
             && PYTHONPATH=build/zoo $(PYTHON) helpers run -m tests.bench.zoo
$(ZOO):    tests/zoo/requirements.txt ; @$(PYTHON) helpers run -m pip install -q --no-deps --upgrade --target build/zoo -r $< \
             && cp $< $@
$(NODE_TOOLS): package-lock.json ; @npm ci --silent --ignore-scripts --no-fund --no-audit && touch $@
