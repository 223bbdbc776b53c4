# What people run here. `make` alone lists it.
#
# Nothing is written outside this directory: .venv has the packages; .make has a stamp for each set of them that is
# installed, so that the second run is instant, and the example's database.

SERVER ?= uvicorn
PORT ?= 8000
SECONDS ?= 600
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python $(new_enough) 2>/dev/null && echo $$python && break; done)

new_enough := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
python := .venv/bin/python
install := $(python) -m pip install -qq --disable-pip-version-check
example := docs/examples/django
# Tests that import what the others need not have: the packages that drive a browser.
with_browser := tests/acceptance/browser tests/acceptance/projects

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help serve test docs browser fuzz benchmark clean known-server free-port

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s  %s\n", $$1, $$2 }' Makefile

# The server replaces the shell (exec), so Ctrl-C and SIGTERM reach it and nothing outlives make. What announces it waits
# for its first answer, so that the address is the last thing printed, and ends with it.
serve: known-server free-port .make/serve ## Run the example site (SERVER=uvicorn or gunicorn, PORT=8000)
	@export DEMO_STATE="$(CURDIR)/.make/demo" SERVESTATIC_STORE="$(CURDIR)/.make/store" DJANGO_SETTINGS_MODULE=config.settings && \
	cd $(example) && "$(CURDIR)/$(python)" manage.py demo && \
	{ "$(CURDIR)/$(python)" manage.py demo --announce http://localhost:$(PORT)/ & } && \
	exec "$(CURDIR)/$(python)" -m $(run_$(SERVER))

run_uvicorn = uvicorn --port $(PORT) config.asgi:application
run_gunicorn = gunicorn --bind 127.0.0.1:$(PORT)

known-server:
	@$(if $(run_$(SERVER)),,$(error There is no SERVER=$(SERVER) here: it is uvicorn or gunicorn))

# A server finds out that its port is taken only after the lines that name it.
free-port:
	@found=$$($(or $(wildcard $(python)),$(PYTHON)) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>&1) || { \
		echo "Cannot listen at port $(PORT): $${found##*] }. End the program that has it, or name another: make serve PORT=8001" >&2; \
		exit 1; }

# Hundreds of processes import the package, which takes twice as long where images forbid Python to keep bytecode.
test: export PYTHONDONTWRITEBYTECODE =
test: .make/test ## Lint, types and tests: everything that needs no browser
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy $(with_browser:%=--exclude '^%/')
	$(python) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

docs: .make/docs-packages ## Build the documentation; warnings are errors
	$(python) -m sphinx --builder html --fail-on-warning --keep-going --quiet --fresh-env --doctree-dir .make/doctrees docs .make/docs
	@echo 'The front page is .make/docs/index.html'

browser: .make/browser ## The example in headless Chromium (Debian: apt-get install chromium)
	$(python) -m mypy $(with_browser)
	$(python) -m pytest tests/acceptance/browser

fuzz: .make/test ## Feed parsers and formats with damaged input, ten minutes (SECONDS=600)
	$(python) -m tests.fuzz --seconds $(SECONDS)

benchmark: .make/benchmark ## Real servers beside the peers and nginx, 20 minutes (Linux, two cores; Debian: nginx)
	$(python) -m benchmarks.serve

clean: ## Remove .venv, .make and every cache
	@rm -rf .venv .make build dist .hypothesis $(example)/.demo
	@find . -name .git -prune -o -type d \( -name __pycache__ -o -name '.*_cache' \) -prune -exec rm -rf {} +

.venv/pyvenv.cfg:
	@$(if $(shell $(PYTHON) $(new_enough) 2>/dev/null && echo yes),,$(error \
		$(or $(PYTHON),python3) is not Python 3.11 or newer; name one that is: make PYTHON=/path/to/python3.11))
	@echo 'Making .venv with $(PYTHON) …'
	@$(PYTHON) -m venv .venv
	@$(install) --upgrade 'pip>=25.1'

.make/serve: .venv/pyvenv.cfg pyproject.toml $(example)/requirements.txt
	@echo 'Installing servestatic and the packages of the example (half a minute) …'
	@$(install) -e '.[standalone,cli]' -r $(example)/requirements.txt
	@mkdir -p .make && touch $@

.make/test: .venv/pyvenv.cfg pyproject.toml
	@echo 'Installing servestatic and the packages for its tests …'
	@$(install) --upgrade 'pip>=25.1'
	@$(install) -e '.[standalone,zstd,gzip,cli,live]' --group test --group lint
	@mkdir -p .make && touch $@

.make/benchmark: .venv/pyvenv.cfg pyproject.toml
	@$(install) -e .
	@mkdir -p .make && touch $@

.make/docs-packages: .venv/pyvenv.cfg pyproject.toml
	@echo 'Installing the packages that build the documentation …'
	@$(install) --upgrade 'pip>=25.1'
	@$(install) -e . --group docs
	@mkdir -p .make && touch $@

.make/browser: .make/test .make/serve tests/acceptance/browser/requirements.txt
	@echo 'Installing the packages that drive the browser …'
	@$(install) -r tests/acceptance/browser/requirements.txt
	@mkdir -p .make && touch $@
