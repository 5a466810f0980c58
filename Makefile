# Works with GNU make 3.81 and any POSIX sh. The two commands that matter: `make run` and `make test`.

SHELL = /bin/sh
VENV = .venv
BIN = $(VENV)/bin
PYTHON = $(BIN)/python

# Processes that run tests side by side, and more arguments: make test ARGS='-k doctor', make run ARGS=--page
# More than two cores can run at once, because half of the time tests wait for what they started.
JOBS = 4
ARGS =

# Else every process compiles the program and its libraries anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL = help
.PHONY: help install run test check fmt clean chromium torture failpoints once thorough types rules

help:
	@echo 'make run      run Calanque: the local page, or Discord with a token in .env'
	@echo 'make test     run all tests but the thorough ones, unless ARGS names files, -k or -m'
	@echo 'make thorough run those that take long by nature: small benchmarks, deaths, every moment instead of some'
	@echo 'make check    lint, types, import contracts, generated files in step'
	@echo 'make fmt      format, and write the generated files anew'
	@echo 'make install  what the others need, once: .venv with the locked dependencies'
	@echo 'make torture  kill it again and again: is anything lost or said twice? ARGS="--messages 600 --kills 40"'
	@echo 'make failpoints  kill it at every moment at which something becomes true; ARGS="--scenario reminders"'
	@echo 'make once     many random histories of one store, with deaths at any await'
	@echo 'make clean    remove .venv and caches; data/ and .env stay'
	@echo 'More arguments: make run ARGS="--page", make test ARGS="-k doctor"'

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml uv.lock deploy/install.sh
	@sh deploy/install.sh

run: install
	@exec $(BIN)/calanque run $(ARGS)

test: install chromium
	@exec $(PYTHON) -m pytest -n $(JOBS) --dist loadgroup $(ARGS) </dev/null

thorough: install chromium
	@exec $(PYTHON) -m pytest -n $(JOBS) --dist loadgroup -m thorough $(ARGS) </dev/null

chromium:
	@sh deploy/chromium.sh

check: install
	@$(BIN)/ruff format --check --quiet . || { echo 'run: make fmt' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(MAKE) --no-print-directory -j 2 types rules

types: install
	@$(BIN)/pyright

rules: install
	@$(BIN)/lint-imports
	@$(PYTHON) -m tests.house
	@$(PYTHON) -m bot.operate.env_example --check
	@$(PYTHON) -m bot.operate.metrics_doc --check
	@$(PYTHON) -m bot.languages.catalog --check
	@$(PYTHON) -m bot.languages.cldr --check
	@$(PYTHON) -m bot.app.commands_check
	@$(PYTHON) -m migrations.check

fmt: install
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(PYTHON) -m bot.operate.env_example
	@$(PYTHON) -m bot.operate.metrics_doc
	@$(PYTHON) -m bot.languages.catalog
	@$(PYTHON) -m bot.languages.cldr

torture: install
	@exec $(PYTHON) -m benchmarks.torture $(ARGS)

failpoints: install
	@exec $(PYTHON) -m tests.failpoints.all $(ARGS)

once: install
	@ONCE_SEQUENCES=2000 exec $(PYTHON) -m pytest tests/once $(ARGS) </dev/null

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
