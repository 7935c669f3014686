# `make help` lists the targets; each is one command that can as well be typed.
.DEFAULT_GOAL := help
.PHONY: help install format lint types imports test slow test-lowest check pin build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## install everything at pinned versions into .venv
	uv sync

format: ## format the code and sort imports
	uv run ruff format
	uv run ruff check --fix

lint: ## check format and style
	uv run ruff format --check
	uv run ruff check

types: ## check types
	uv run mypy

imports: ## check the direction of imports
	uv run lint-imports

test: ## run the tests, without the long ones
	uv run pytest

slow: ## run the long tests
	uv run pytest -m slow

# Without configuration, because the pins are part of it.
test-lowest: ## run the tests with the oldest versions that pyproject.toml allows
	uv venv --quiet --clear --python 3.11 build/lowest
	uv pip install --quiet --no-config --python build/lowest --resolution lowest-direct \
		--editable '.[tensorboard,lsun]' --group dev
	build/lowest/bin/python -m pytest

check: ## run all that continuous integration runs
	./.ci/run

pin: ## write current versions of all dependencies into pyproject.toml
	uv run python scripts/pin.py

build: ## build the wheel
	uv build --wheel
