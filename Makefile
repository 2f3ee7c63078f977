# Bihuan: everything a person runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv pip install --quiet --python $(PY)
APP := $(VENV)/.app
DEV := $(VENV)/.dev
FRONT := node_modules/.ready
MESSAGES := $(wildcard src/bihuan/locale/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench clean lock messages

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/.base: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit("Bihuan needs Python 3.11 or newer; this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(APP): $(VENV)/.base requirements/app.txt pyproject.toml
	$(UV) --require-hashes -r requirements/app.txt
	$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(APP) requirements/dev.txt
	$(UV) --require-hashes -r requirements/dev.txt
	@touch $@

$(FRONT): $(APP) package.json package-lock.json tools/front.py
	$(PY) tools/front.py
	@touch $@

$(VENV)/.messages: $(APP) $(MESSAGES) tools/messages.py
	$(PY) tools/messages.py compile
	@touch $@

demo: $(APP) $(FRONT) $(VENV)/.messages ## set up, load the demonstration district, serve it
	@$(PY) -m bihuan demo

test: $(DEV) $(FRONT) $(VENV)/.messages ## run the suite on SQLite, then on PostgreSQL and in Chromium where present
	$(PY) tools/suite.py

check: $(DEV) $(FRONT) $(VENV)/.messages ## lint, types, layers, messages, secrets
	$(PY) tools/check.py

format: $(DEV) ## lay out Python and templates
	$(VENV)/bin/ruff check --fix --quiet . && $(VENV)/bin/ruff format --quiet .
	$(PY) tools/check.py format

bench: $(DEV) $(VENV)/.messages ## measure against the machine: kernel, ledger, search, concurrency, promotion, pages
	for part in kernel ledger search concurrency promotion pages; do $(PY) -m bihuan bench $$part --json || exit 1; done

messages: $(DEV) ## gather the translatable strings
	$(PY) tools/messages.py gather

lock: $(DEV) ## refresh the hash-locked requirements
	$(PY) tools/lock.py

clean: ## remove everything that make created, the demonstration data too
	rm -rf $(VENV) node_modules var build src/bihuan/web/static/vendor src/*.egg-info
