# SPDX-License-Identifier: EUPL-1.2
# Needs Python 3.11+ and make; everything else goes into .venv, by digest from requirements/.
# `make help` lists the targets. PYTHON=... names another interpreter.

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip -q
LOCKED := $(PIP) install --require-hashes
SAY := @echo "==>"

STATIC := src/brug/web/static
VENDOR := $(STATIC)/vendor/htmx.min.js
WEAKNESSES := src/brug/formats/csaf/weaknesses.json
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/brug/web/locale/*/LC_MESSAGES/brug.po))

# As many as there are processors, from two to four: each has a database server of its own.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); \
	[ $$n -ge 2 ] || n=2; [ $$n -le 4 ] || n=4; echo $$n)
TESTS ?=
# Python keeps what it compiled: or each process that a test starts compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: help demo test lint types layers pytest docs bench bundle wheel lock messages screenshots \
	assets chromium clean

help:
	@echo "make demo         three nodes that share over bridges, running on loopback (DEMO=--help)"
	@echo "make test         lint, types, layers, all tests, documentation"
	@echo "make bench        each figure beside its bare operation"
	@echo "make bundle       an archive that installs without a network, in dist/"
	@echo "make docs         the documentation, in docs/_build/html"
	@echo "make screenshots  the pictures in the README"
	@echo "make messages     collect the texts to translate into the catalogues"
	@echo "make lock         pin the newest allowed versions in requirements/ and package-lock.json"
	@echo "make clean        remove all that was built, .venv included"

demo: $(DONE)/project assets
	$(SAY) "Starting the demonstration"
	@$(BIN)/brug demo $(DEMO)

# The cheap checks come first, so that a slip shows within seconds. Types and documentation keep
# one processor busy each.
test: lint layers
	@$(MAKE) --no-print-directory -j 2 types docs
	@$(MAKE) --no-print-directory pytest
	$(SAY) "All good"

lint: $(DONE)/dev
	$(SAY) "Lint and format"
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .

types: $(DONE)/dev
	$(SAY) "Types"
	@$(BIN)/mypy --no-error-summary

layers: $(DONE)/dev
	$(SAY) "Layers"
	@$(BIN)/lint-imports --no-logo

pytest: $(DONE)/dev $(DONE)/second-opinion assets chromium
	$(SAY) "Tests"
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(TESTS)

docs: $(DONE)/dev
	$(SAY) "Documentation"
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: $(DONE)/dev assets
	$(SAY) "Benchmarks"
	@$(BIN)/python -m benchmarks

bundle: wheel
	$(SAY) "Offline bundle"
	@$(BIN)/python tools/bundle.py

wheel: $(DONE)/project assets
	$(SAY) "Wheel"
	@rm -f dist/brug-*.whl
	@$(PIP) wheel --no-deps --no-build-isolation -w dist .

screenshots: $(DONE)/dev assets chromium
	$(SAY) "Screenshots"
	@URL="$(URL)" EMAIL="$(EMAIL)" PASSWORD="$(PASSWORD)" $(BIN)/python tools/screenshots.py

assets: $(VENDOR) $(CATALOGUES) $(WEAKNESSES)

$(VENDOR): package-lock.json tools/assets.py | $(DONE)/project
	$(SAY) "Fetching the browser's scripts"
	@$(BIN)/python tools/assets.py
	@touch $@

$(WEAKNESSES): requirements/build.txt tools/weaknesses.py | $(DONE)/project
	$(SAY) "Making the list of weaknesses"
	@$(BIN)/python tools/weaknesses.py

%.mo: %.po | $(DONE)/project
	$(SAY) "Compiling $<"
	@$(BIN)/pybabel -q compile --use-fuzzy -i $< -o $@

messages: $(DONE)/project
	$(SAY) "Collecting texts"
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output \
		--project brug --omit-header -o build/brug.pot src/brug
	@for language in en nl; do \
		catalogue=src/brug/web/locale/$$language/LC_MESSAGES/brug.po; \
		if [ -f $$catalogue ]; then verb="update --no-fuzzy-matching"; else verb=init; fi; \
		$(BIN)/pybabel -q $$verb -D brug -i build/brug.pot -d src/brug/web/locale -l $$language; \
	done

chromium:
	@tools/chromium.sh

$(VENV)/pyvenv.cfg:
	$(SAY) "Making $(VENV)"
	@tools/venv.sh $(VENV)

$(DONE)/run: requirements/run.txt requirements/build.txt | $(VENV)/pyvenv.cfg
	$(SAY) "Installing what Brug needs (a few minutes the first time)"
	@$(LOCKED) -r requirements/run.txt -r requirements/build.txt
	@mkdir -p $(DONE) && touch $@

# Editable, built by the hatchling that was just installed by digest: nothing is fetched here.
$(DONE)/project: pyproject.toml $(DONE)/run
	$(SAY) "Installing Brug itself"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DONE)/dev: requirements/dev.txt $(DONE)/project
	$(SAY) "Installing the tools for development"
	@$(LOCKED) -r requirements/dev.txt
	@touch $@

# A validator that others wrote, which advisories must pass in the tests.
$(DONE)/second-opinion: $(wildcard tests/formats/csaf/second_opinion/*) | $(DONE)/dev
	$(SAY) "Installing the second opinion on advisories"
	@$(BIN)/python tools/second_opinion.py
	@touch $@

# Lock files name no index: whoever installs decides where packages come from.
UV_LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --upgrade
lock: $(DONE)/project
	$(SAY) "Locking"
	@$(PIP) install uv
	@$(UV_LOCK) pyproject.toml --group dev -o requirements/dev.txt
	@$(UV_LOCK) pyproject.toml -c requirements/dev.txt -o requirements/run.txt
	@$(UV_LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	@$(BIN)/python tools/assets.py --lock
	@$(BIN)/python tools/second_opinion.py --lock

clean:
	rm -rf $(VENV) build dist docs/_build $(STATIC)/vendor .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis .coverage
	rm -f src/brug/web/locale/*/LC_MESSAGES/*.mo $(WEAKNESSES:.json=.*.txt) $(WEAKNESSES)
