# Everything that people and pipelines run; `make help` says what each target does.
SHELL := /bin/sh
.DEFAULT_GOAL := help
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/alys-release
UV_VERSION := 0.13.9
UV := $(or $(shell command -v uv),$(CACHE)/uv-$(UV_VERSION)/bin/uv)
RUN := $(UV) run --frozen --no-sync
NODE := examples/node
# Cluster tests mostly wait, so more of them than cores pay.
WORKERS ?= 4
export CARGO_TARGET_DIR ?= $(CACHE)/cargo-target
export PATH := $(CURDIR)/.local/bin:$(PATH)
# Empty is unset: an update starts several processes of Python, and each would compile all that it imports anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(CACHE)/uv-$(UV_VERSION)/bin/uv:
	@echo "installing uv $(UV_VERSION) into the cache"
	@python3 -m venv $(CACHE)/uv-$(UV_VERSION) || { echo "make: python3 with its venv module is missing: apt-get install python3-venv"; exit 1; }
	@$(CACHE)/uv-$(UV_VERSION)/bin/pip install --quiet uv==$(UV_VERSION)

.venv/.locked: pyproject.toml uv.lock $(UV)
	@$(UV) sync --frozen --quiet
	@touch $@

.PHONY: setup
setup: .venv/.locked ## Install the locked Python packages

.PHONY: tools
tools: setup ## Find or build Pulumi, Helm and kubectl
	@$(RUN) python -m local tools

.PHONY: cluster
cluster: setup ## Start the cluster of this machine, or mend it; safe to repeat
	@$(RUN) python -m local up

.PHONY: cluster-down
cluster-down: setup ## Stop it and leave nothing running, mounted or in iptables; safe to repeat
	@$(RUN) python -m local down

.PHONY: demo
demo: cluster ## From nothing to a table: deploy, canary, failed versions, rollback
	@. .local/env && $(RUN) python -m local.demo

.PHONY: docs
docs: setup ## Make the pages that are made from the program
	@$(RUN) python -m docs.generate

.PHONY: check
check: setup ## Format, lint and type checks of the Python code
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) basedpyright

.PHONY: node
node: ## Format, lint and test the sample node
	@command -v cargo >/dev/null || { echo "make node: cargo is missing: install Rust (https://rustup.rs)"; exit 1; }
	@# Clones share what cargo has built, and it tells by time alone whether that is of these files.
	@find $(NODE)/src $(NODE)/tests -name '*.rs' -exec touch {} +
	cd $(NODE) && cargo fmt --check && cargo clippy --quiet --locked --all-targets -- -D warnings && cargo test --quiet --locked

.PHONY: test
test: check node cluster ## Everything that CI runs
	@. .local/env && $(RUN) pytest -n $(WORKERS)

.PHONY: test-quick
test-quick: setup ## The tests that need no cluster and build nothing
	@$(RUN) pytest -n $(WORKERS) -m "not cluster and not cargo"

.PHONY: fmt
fmt: setup ## Format the Python and Rust code
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix-only .
	cd $(NODE) && cargo fmt
