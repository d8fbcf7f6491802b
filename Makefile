# Everything a developer of triagebot needs. Each target makes the virtual environment itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO_STAMP := $(VENV)/.installed-demo

.PHONY: demo test check lint types bench soak simulate faults catalogue servers clean

demo: $(DEMO_STAMP)
	@$(BIN)/triagebot demo

test: $(STAMP) servers
	@if $(BIN)/python -m tests.servers.available || [ -n "$$CI" ]; then export TRIAGEBOT_REAL_SERVERS=1; fi; \
	$(BIN)/python -m pytest

check: lint types test

lint: $(STAMP)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(STAMP)
	@$(BIN)/mypy

bench: $(STAMP) servers
	@$(BIN)/python -m bench.run $(ARGS)

soak: $(STAMP) servers
	@$(BIN)/python -m bench.run --only soak $(ARGS)

simulate: $(STAMP)
	@$(BIN)/python -m bench.simulate $(ARGS)

faults: $(STAMP) servers
	@$(BIN)/python -m tests.faults.run $(ARGS)

# Brings the sentences of the code into triagebot/locale; NEW=de begins a language.
catalogue: $(STAMP)
	@$(BIN)/python -m tests.catalogue $(NEW)

# The real mail servers of the tests: installed where that may be done, else left out, and said so.
servers:
	@sh tests/servers/install.sh

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(DEMO_STAMP)

$(DEMO_STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the demo needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
