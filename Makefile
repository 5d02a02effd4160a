# The verbs of the house.  Nothing but Python 3.11 is needed: each verb first makes .venv from requirements.lock.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LENDER ?= demo-lender
QUICK_TESTS := $(addprefix tests/,architecture bench insight kernel policy portfolio reference strategy tools village web)

export LC_ALL := C.UTF-8

.DEFAULT_GOAL := help
.PHONY: help demo test thorough check mutants weights bench spark parity lock clean lint types imports

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## a small simulated lender, the day cycles of a month, pages served with address and log-ins
	$(BIN)/sulah demo

test: $(READY) lint types imports ## all that CI runs; starts a throw-away PostgreSQL where it is installed
	$(BIN)/python tools/postgres.py $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

thorough: $(READY) ## every repetition of the long campaigns: kills, crowds, full disks, flipped bytes, random books; hours
	SULAH_TESTS=whole $(BIN)/python tools/postgres.py $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
		tests/campaigns tests/backup tests/channels tests/contact tests/daycycle tests/delta tests/evidence tests/guard tests/measures \
		tests/oracle tests/outbox tests/parity tests/postgres tests/spark tests/talk tests/transparency tests/vault

check: $(READY) lint types imports ## style, types, imports and the tests of single rooms, in a few minutes
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not browser and not postgres" src $(QUICK_TESTS)

mutants: $(READY) ## the guard one thing off, in every place: do its tests notice?  survivors in build/mutants; about an hour
	$(BIN)/python -m tools.mutants

weights: $(READY) ## the weights of linter and reader anew from the open examples; the same examples give the same bytes
	$(BIN)/python -m tools.weigh

spark: $(READY) ## PySpark beside the rest, for days on a cluster (450 MB); it needs Java 17 or newer
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r requirements-spark.lock

parity: spark ## DuckDB and Spark on a dirty random book of 200,000 loans and on the demo, every table row by row; takes hours
	SULAH_PARITY_LOANS=200000 $(BIN)/python -m pytest -q -s tests/spark

bench: $(READY) ## time and memory against the floor, as ratios: a day, the command, a load, the guard, the outbox, the talk, the log, the vault
	$(BIN)/python tools/postgres.py $(BIN)/python -m bench
	$(BIN)/python tools/postgres.py $(BIN)/python -m bench.day
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.guard
	$(BIN)/python -m bench.outbox
	$(BIN)/python tools/postgres.py $(BIN)/python -m bench.talk
	$(BIN)/python -m bench.transparency
	$(BIN)/python -m bench.vault

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports --no-logo

# The lock names no index: pip asks the one that the machine is set up for.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Sulah needs Python 3.11 and finds no '$(PYTHON)'. Install it (Debian: apt-get install python3.11 python3.11-venv), or name yours: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "The lock is for Python 3.11, and '$(PYTHON)' is another one. Name a Python 3.11: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make a virtual environment. Install the missing part (Debian: apt-get install python3.11-venv) and try again."; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing what requirements.lock lists (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# --allow-unsafe takes setuptools in, which builds our own package; only its remark about that is cut out again.
lock: ## requirements.lock anew from pyproject.toml, each hash fetched; takes minutes
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check "pip-tools>=7.6"
	build/lock/bin/pip-compile --quiet --generate-hashes --extra develop --build-deps-for editable --allow-unsafe --strip-extras \
		--no-header --no-annotate --no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		$(LOCK_OPTIONS) --output-file requirements.lock pyproject.toml
	sed -i.before -e '/^#/d' -e '/^$$/d' requirements.lock
	{ echo "# Everything that Sulah needs on Python 3.11 (to run, to test and to build), by exact version and content hash."; \
	  echo "# Made from pyproject.toml by \`make lock\`; do not edit by hand."; cat requirements.lock; } > requirements.lock.new
	mv requirements.lock.new requirements.lock
	rm requirements.lock.before

clean: ## caches, coverage, the demo lender; leaves .venv
	rm -rf build $(LENDER) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
