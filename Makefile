# The commands of this repository. Each sets up what it needs in .venv on first use.
SHELL := bash
.DEFAULT_GOAL := help

PYTHON ?= python3
# One more than a small machine has cores: many tests wait for a process that they started. Each
# gets a part of the tests in their order, so that what a module's tests share is made once.
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# One thread per test worker: with more, the workers fight for the cores. UTF-8 mode, because some
# image library now and then leaves the process with the locale "C", in which a test's own text
# files would be ASCII (SAIM itself names the encoding wherever it opens a text file).
TEST_ENVIRONMENT := PYTHONUTF8=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: help setup run test bench lint format pictures clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' \
		| while IFS='|' read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

setup: $(INSTALLED)  ## Make .venv with everything in it (the other commands do this themselves)

run: setup  ## Annotate in the browser, phantoms or your own: make run DATA=folder CLASSES=background,liver
	@$(BIN)/saim web $(if $(DATA),--data "$(DATA)") $(if $(CLASSES),--classes "$(CLASSES)") \
		$(if $(PORT),--port "$(PORT)") $(ARGS)

test: setup  ## All tests; a part of them: make test ARGS="Testing/unit/data -k geometry"
	@$(TEST_ENVIRONMENT) $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

bench: setup  ## Measure the speed figures; as JSON: make bench ARGS=--json
	@$(BIN)/python -m Testing.benchmarks $(ARGS)

lint: setup  ## Check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup  ## Put imports and layout into the house style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

pictures: setup  ## Take the pictures of the page that the documents show
	@$(TEST_ENVIRONMENT) $(BIN)/python -m Resources.take_screenshots Resources/pictures

clean:  ## Delete what these commands made, except .venv and demo, in which somebody may have annotated
	@rm -rf build dist ./*.egg-info .pytest_cache .mypy_cache .ruff_cache
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# pip prints hundreds of lines; a person wants to see the large downloads, and any error.
SHORTLY := awk '/(Downloading|Using cached) .*whl \([0-9.]+ [MG]B\)/ { \
		split($$(NF - 2), part, "-"); print "  " part[1] " " part[2] " " $$(NF - 1) " " $$NF } \
	/^Installing collected/ { print "  installing" } { fflush() }'

$(INSTALLED): pyproject.toml tools/install-system-packages.sh
	@tools/install-system-packages.sh $(PYTHON)
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 10) else \
		"SAIM needs Python 3.10 or newer, $(PYTHON) is %d.%d: make PYTHON=python3.12" % sys.version_info[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV); the first time this fetches PyTorch, which takes some minutes."
	@set -o pipefail; $(BIN)/python -m pip install --progress-bar off --disable-pip-version-check \
		-e '.[dev]' | $(SHORTLY)
	@touch $@
