# Two commands on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export DO_NOT_TRACK := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all faults up lint types fmt bench mutants emails metrics lock migration ci clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# The lock is whole, so nothing is resolved again (an old pip would look past it for extras).
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --only-binary=:all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY)  ## Make the environment

demo: $(READY)  ## Watch a week of a whole district happen
	@$(BIN)/youthhub demo $(ARGS)

up: $(READY)  ## Run everything on this machine
	@$(BIN)/youthhub up $(ARGS)

test: $(READY)  ## Run the tests
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow" $(ARGS)

test-all: $(READY)  ## Run the tests, the slow ones too
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup $(ARGS)

faults: $(READY)  ## Kill senders and break servers, and count what was lost or doubled
	$(BIN)/python -m pytest -q -s tests/faults $(ARGS)

lint: $(READY)  ## Check style, types and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(READY)  ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(READY)  ## Measure speed and memory, each beside its baseline
	$(BIN)/python -m benchmarks $(ARGS)

mutants: $(READY)  ## Break the arithmetic of evaluation on purpose, and see that a test tells
	$(BIN)/python -m tests.mutants $(ARGS)

emails: $(READY)  ## Write every mail in both languages, with pictures of a phone and a desktop
	$(BIN)/youthhub mail preview --to var/emails --pictures

lock: $(READY)  ## Pin the dependencies again
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev --quiet pyproject.toml -o requirements.lock

ci:  ## Run what the server runs
	bash .ci/run

metrics: $(READY)  ## Write docs/metrics.md from the catalogue
	$(BIN)/python -c 'from services.metric_docs import markdown; print(markdown(), end="")' > docs/metrics.md

clean:  ## Remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
