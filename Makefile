# `make serve` runs the shop, `make test` proves it. Both make their own environment first.

UV ?= $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin

.PHONY: help serve test check format bench-lists bench-catalog bench-pricing bench-search bench-stock clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

serve: $(VENV)/.ready  ## Run the shop on port 3000
	@$(RUN)/entrepot serve

test: $(VENV)/.ready-dev  ## Run the tests on a database of their own
	@$(RUN)/pytest -n $${TEST_WORKERS:-2} $(TESTS)

check: $(VENV)/.ready-dev  ## Check format, lint, types and import rules
	@$(RUN)/ruff format --check .
	@$(RUN)/ruff check .
	@$(RUN)/mypy
	@$(RUN)/lint-imports

format: $(VENV)/.ready-dev  ## Format the code
	@$(RUN)/ruff format .
	@$(RUN)/ruff check --fix .

bench-lists: $(VENV)/.ready-dev  ## Measure product lists of a running shop next to a bare handler
	@$(RUN)/python -m benchmarks.lists $(ARGS)

bench-catalog: $(VENV)/.ready-dev  ## Measure filters, sorts, facets, search and suggestions of a running shop
	@$(RUN)/python -m benchmarks.catalog $(ARGS)

bench-pricing: $(VENV)/.ready-dev  ## Measure how long it takes to price a basket
	@$(RUN)/python -m benchmarks.pricing

bench-stock: $(VENV)/.ready-dev  ## Measure reservations a second next to pgbench
	@$(RUN)/python -m benchmarks.stock $(ARGS)

bench-search: $(VENV)/.ready-dev  ## Measure what the search finds, with the data in ENTREPOT_BENCH_DATA
	@$(RUN)/python -m benchmarks.search

clean:  ## Remove the environment, but no data
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# The environment is made anew when the lock file changes, and needs no network otherwise.
$(VENV)/.ready: pyproject.toml uv.lock | $(UV)
	@echo "Making the environment in $(VENV) ..."
	@$(UV) sync --frozen --no-dev --inexact --quiet --python $(PYTHON)
	@touch $@

$(VENV)/.ready-dev: pyproject.toml uv.lock | $(UV)
	@echo "Making the environment in $(VENV) ..."
	@$(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $@ $(VENV)/.ready

# uv goes into a folder of the project: a system's own Python may not be installed into.
.tools/bin/uv:
	@echo "Fetching uv ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target .tools uv
