# Plain `make` lists the targets. Needs Python >= 3.11 and make; nothing else is installed on the machine.

PORT ?=
SPEED ?= 1
ARGS ?=
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$each"; break; }; done)

VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
PACKAGES := clinic sessions vitals reports screens benchmarks
# a test file runs in one of up to four processes, each with a database of its own
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile
NOTHING_SKIPPED := $(if $(VIGIL_CI),-p tests.nothing_skipped)
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(PY) -m pip install --quiet --require-hashes

.DEFAULT_GOAL := help
.PHONY: help env demo test check checks format bench prove lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

env: $(DEV) ## make .venv with everything for work on the code (the other targets do it by themselves)

demo: $(RUNTIME) ## serve a demo clinic: PORT=8000 SPEED=1 (simulated seconds per second); Ctrl-C stops it
	@PORT="$(PORT)" SPEED="$(SPEED)" exec $(PY) -m clinic.local demo

test: $(DEV) ## run every test this machine can run: ARGS="-k board"; own servers by DATABASE_URL and REDIS_URL
	@$(PY) -m clinic.local run -- $(PY) -m pytest $(SIDE_BY_SIDE) $(NOTHING_SKIPPED) $(ARGS)

check: $(DEV) ## lint, types, import arrows, migrations, generated docs, API schema, compose
	@$(PY) -m clinic.local run -- $(MAKE) --no-print-directory checks

# Inside the servers of `check`: the type checker reads Django's settings, the migrations look at a database.
checks:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy $(PACKAGES) tests manage.py
	$(VENV)/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py generate_docs --check
	$(PY) manage.py spectacular --validate --fail-on-warn > /dev/null
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

format: $(DEV) ## put the code into the one layout
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: $(DEV) ## run the benchmarks; the table also goes to benchmarks/results/
	@$(PY) -m clinic.local run -- $(PY) -m benchmarks $(ARGS)

prove: $(DEV) ## the promises with their figures: an overdue set noticed in time, a dead watch shown
	@$(PY) -m clinic.local run -- $(PY) -m benchmarks.watching

lock: $(DEV) ## write requirements*.txt anew from pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m uv pip compile pyproject.toml --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --quiet --output-file requirements.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m uv pip compile pyproject.toml --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --quiet --output-file requirements-dev.txt \
		--extra dev --constraints requirements.txt

clean: ## remove the demo's data and everything made here, .venv last
	@if [ -x $(PY) ]; then $(PY) -m clinic.local clean; fi
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles $(VENV)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment, two stamps: serving needs fewer packages than working on the code.
$(PY):
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed and none was found (python3 is: $$(python3 --version 2>&1))." >&2; exit 1; fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$("$(PYTHON)" --version 2>&1)." >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing what serving needs into $(VENV) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | $(PY)
	@echo "Installing everything for work on the code into $(VENV) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $(RUNTIME) $@
