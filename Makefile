# Everything a developer of triagebot needs. Each target makes the virtual environment itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check lint types bench servers clean

demo: $(STAMP)
	@$(BIN)/triagebot demo

test: $(STAMP) servers
	@if [ -n "$$CI" ] || $(BIN)/python -m tests.servers.available --quiet; then export TRIAGEBOT_REAL_SERVERS=1; fi; \
	$(BIN)/python -m tests.servers.available && $(BIN)/python -m pytest

check: lint types test

lint: $(STAMP)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(STAMP)
	@$(BIN)/mypy

bench: $(STAMP) servers
	@$(BIN)/python -m bench.run $(ARGS)

# The real mail servers of the tests: installed where that may be done, else left out, and said so.
servers:
	@sh tests/servers/install.sh

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
