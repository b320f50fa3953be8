# Everything that people and CI do with this repository. Needs python3 (3.11 or newer, with venv) and make.
PYTHON ?= python3
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
# What Python compiles is kept, whatever the machine's custom, for each process would compile it again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup run setup-dev test test-fast bench soak check check-types check-others format lock plotly

help:
	@echo "make setup   virtual environment .venv and locked dependencies"
	@echo "make run     the product with a demo company on http://127.0.0.1:8000 (PORT=, DEMO=0)"
	@echo "make test    every test, on SQLite and on a throw-away PostgreSQL (REQUIRE_ALL=1: nothing may be missing)"
	@echo "make test-fast  the fast lane: most tests, in a minute on two cores (T=tests/kpis: of a folder or file)"
	@echo "make bench   how fast it is, each figure beside its limit (SIZE=small: a few minutes)"
	@echo "make soak    half an hour of make run, then of loads and readers, while processes are killed and servers go away (MINUTES=)"
	@echo "make check   what a commit must pass: style, types, migrations, deployment, templates, layers"
	@echo "make format  rewrite the code in the house style"
	@echo "make lock    lock the dependencies again from requirements*.in"
	@echo "make plotly  build the browser's Plotly again from its npm package (needs npm; nothing else here does)"

# config/install.py compares the lock with what it installed last, and does nothing where they are equal.
define install
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer (PYTHON=name chooses one)." >&2; exit 1; }
	@$(PYTHON) -I config/install.py $(1)
endef

setup:
	$(call install,requirements.txt)

setup-dev:
	$(call install,requirements-dev.txt)

run: setup
	@.venv/bin/python -m config.run

test: setup-dev
	@.venv/bin/python -m tests.run

# What Python compiles is kept, whatever the machine's custom: pytest's form of the tests takes ten seconds to make again.
T = tests
test-fast: export PYTHONDONTWRITEBYTECODE =
test-fast: setup-dev
	@.venv/bin/python -m pytest -n 2 --dist loadfile -m "not slow and not browser" $(T)

bench: setup-dev
	@.venv/bin/python -m bench

soak: setup-dev
	@.venv/bin/python -m bench.soak.messages
	@.venv/bin/python -m bench.soak.embedded
	@.venv/bin/python -m bench.soak.fuzz
	@.venv/bin/python -m bench.soak.machines
	@.venv/bin/python -m bench.soak.outages
	@.venv/bin/python -m bench.soak

# In production's settings, and in a folder of their own, so that no company's .env or data take part.
check: export VAR_DIR = $(CURDIR)/var/check
check: setup-dev
	@$(MAKE) -j2 check-types check-others

check-types:
	@.venv/bin/mypy .

# Pytest reads all tests to find those of two modules: one that it can't import is named, and compiled are all of them.
check-others:
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/djlint --check --lint --quiet templates
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/python manage.py makemigrations --check --dry-run
	@env $(PRODUCTION_LIKE) .venv/bin/python manage.py check --deploy --fail-level WARNING
	@.venv/bin/pytest -k "test_sizes.py or test_locks.py"

PRODUCTION_LIKE = PRODUCTION=1 ALLOWED_HOSTS=scorecard.example.com DATABASE_URL= REDIS_URL= \
	SECRET_KEY=only-for-check-and-as-long-and-mixed-as-1-of-production-has-2-be

format: setup-dev
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@.venv/bin/djlint --reformat --quiet templates

# No index address and no machine's path gets into a lock; the development lock holds the same versions.
LOCK = .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --quiet $(if $(UPGRADE),--upgrade)
lock: setup-dev
	@$(LOCK) -o requirements.txt requirements.in
	@$(LOCK) -c requirements.txt -o requirements-dev.txt requirements-dev.in

# The versions are in config/plotly/package-lock.json; what was built goes into static/vendor/manifest.json by hand.
PLOTLY = $(CURDIR)/static/vendor/plotly-$(shell sed -n 's/.*"plotly.js": "\(.*\)"/\1/p' config/plotly/package.json).min.js
plotly:
	@folder=$$(mktemp -d) && cp config/plotly/* $$folder && cd $$folder && npm ci --silent --no-audit --no-fund \
		&& npm run --silent build -- --log-level=error --outfile=$(PLOTLY) && sha256sum $(PLOTLY) && rm -rf $$folder
