# Everything that people and CI do with this repository. Needs python3 (3.11 or newer, with venv) and make.
PYTHON ?= python3
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check format lock

help:
	@echo "make setup   virtual environment .venv and locked dependencies"
	@echo "make run     the product with a demo company on http://127.0.0.1:8000 (PORT=, DEMO=0)"
	@echo "make test    every test, on SQLite and on a throw-away PostgreSQL (REQUIRE_ALL=1: nothing may be missing)"
	@echo "make check   what a commit must pass: style, types, migrations, deployment, templates, layers"
	@echo "make format  rewrite the code in the house style"
	@echo "make lock    lock the dependencies again from requirements*.in"

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

check: setup-dev
	@.venv/bin/python -m tests.check

format: setup-dev
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

lock: setup-dev
	@.venv/bin/python -m tests.lock
