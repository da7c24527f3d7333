# Two commands on a fresh machine: `make demo` runs the main job, `make test` passes the tests.
# Both need Python 3.11+ and make, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help install demo test lint types imports unit docs lock clean

help:
	@echo "make demo     set up, and run the whole way once: inbox to hand-over, 60 days in seconds"
	@echo "make test     set up, and run every check and test"
	@echo "make install  set up only: .venv with everything for work and tests"
	@echo "make lint | types | imports | unit   one part of the tests"
	@echo "make docs     write docs/reference anew from the code"
	@echo "make lock     renew .ci/constraints.txt, the versions that install uses"

install: $(STAMP)

$(STAMP): pyproject.toml .ci/constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Nurture needs Python 3.11 or newer, not " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip uv
	$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python -c .ci/constraints.txt -e . --group dev \
	  || $(BIN)/python -m pip install --quiet -c .ci/constraints.txt -e . --group dev
	@touch $@

demo: $(STAMP)
	$(BIN)/nurture demo

test: lint types imports unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports --no-cache

# In the order of the files, the small ones of the pages last: by the number of their tests, a few files of one
# long test would come last, and one process would wait for the other.
unit: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

docs: $(STAMP)
	$(BIN)/python docs/generate.py

lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --system-certs --universal --no-header --no-annotate --group dev pyproject.toml \
	  -o .ci/constraints.txt --upgrade

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
