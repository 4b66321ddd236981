# make help says what there is.

BIN := .venv/bin
INSTALL := python=$$(sh scripts/find-python) && "$$python" scripts/install.py
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help install demo demo-reset test coverage format clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf 'make %-12s %s\n' "$$name" "$$what"; done

install: ## put the locked environment into .venv
	@$(INSTALL)

demo: install ## start everything with example data, and say where to click
	@$(BIN)/comptoir demo

demo-reset: install ## the same, with the demo's data made afresh
	@$(BIN)/comptoir demo --reset

test: ## install what the tests need, and run every check
	@$(INSTALL) --dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	COMPTOIR_HOME=.venv/home $(BIN)/comptoir manage makemigrations --check
	$(BIN)/python scripts/messages.py check
	COMPTOIR_CHROMIUM=$$($(BIN)/python scripts/chromium.py) && export COMPTOIR_CHROMIUM && \
		$(BIN)/pytest -n auto --dist worksteal $(PYTEST_ARGS)

coverage: ## the same, and what of the code the tests ran (takes half as long again)
	@$(MAKE) test PYTEST_ARGS="--cov=comptoir --cov=stripe_sandbox --cov-report=term:skip-covered"

format: ## bring the code into its form
	@$(INSTALL) --dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## delete what was installed and built; data in var stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* dist
	find src tests scripts -name __pycache__ -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
