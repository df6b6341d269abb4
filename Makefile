# The front door. `make run` for a server with a sample township, `make test` for every test.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
DIR ?= tests/vectors
TESTS = $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal
JS_TESTS = node --test --test-reporter=spec tests/js/*.test.js

.PHONY: help install run test check fuzz bench vectors lock docs migration clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cunyi needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: $(BIN)/python .ci/requirements.lock setup.cfg
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements.lock
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.test: .venv/.run .ci/requirements-test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements-test.lock
	@touch $@

install: .venv/.run ## make .venv with the pinned dependencies and the `cunyi` command

run: .venv/.run ## a server with a sample township on http://127.0.0.1:8000 (SQLite in ./var)
	@$(BIN)/cunyi serve --check
	@$(BIN)/cunyi migrate
	@$(BIN)/cunyi demo --guide
	@exec $(BIN)/cunyi serve

test: .venv/.test ## every test, on SQLite and PostgreSQL, in Node and in a browser
	@.ci/tools
	if .ci/node; then $(JS_TESTS); fi
	$(TESTS)

check: .venv/.test ## the gate before a commit: ruff, mypy, tsc, import contracts, every test
	@.ci/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	if .ci/node; then node_modules/.bin/tsc && $(JS_TESTS); fi
	$(TESTS)

fuzz: .venv/.test ## every promise at length, in 45 minutes on two cores, with a table of figures (NAMES="cuts village", SIZE=0.1)
	@.ci/tools
	@$(BIN)/python -m tests.fuzz $(NAMES) --size $(or $(SIZE),1)

bench: .venv/.test ## how long it takes: a full phone, a village's standings, a county's pages (SMALL=1: a small county)
	$(BIN)/python -m tests.bench

vectors: .venv/.test ## run vector files through our merge (DIR=folder)
	@$(BIN)/python -m tests.vectors $(DIR)

docs: .venv/.run ## write sync/types/REFERENCE.md anew from the declarations
	$(BIN)/cunyi types --markdown > sync/types/REFERENCE.md

migration: .venv/.run ## a new migration from the tables (MESSAGE="what is now true")
	$(BIN)/cunyi migration "$(MESSAGE)"

lock: ## resolve the pinned dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" setup.cfg .ci/build.in -o .ci/requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --extra test setup.cfg .ci/build.in -o .ci/requirements-test.lock

clean: ## remove the virtual environment and caches; ./var stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
