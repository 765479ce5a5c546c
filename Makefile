# On Windows, and wherever make is missing: `py helpers lab`, `py helpers test`, `py helpers setup`.
PYTHON ?= python3

.PHONY: lab test setup notebooks lint bench js types
lab:       ; @$(PYTHON) helpers lab $(ARGS)
test:      ; @$(PYTHON) helpers test $(ARGS)
setup:     ; @$(PYTHON) helpers setup
notebooks: ; @$(PYTHON) helpers run notebooks/build.py $(ARGS)
lint:      ; @$(PYTHON) helpers run -m ruff check . && $(PYTHON) helpers run -m ruff format --check .
bench:     ; @$(PYTHON) helpers run -m tests.bench $(ARGS)
js:        node_modules/.package-lock.json ; @npm run --silent build
types:     node_modules/.package-lock.json ; @npm run --silent types && npm run --silent pyright
node_modules/.package-lock.json: package-lock.json ; @npm ci --silent --ignore-scripts --no-fund --no-audit && touch $@
