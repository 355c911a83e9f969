# `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup run-local run-stream test test-process test-all lint bench bench-all bench-loop \
	bench-streams lock lock-jars clean

BIN := .venv/bin
RUNTIME := .venv/.installed-runtime
DEV := .venv/.installed-dev
# Each has a Spark session of two cores and 2 GB of memory.
TEST_WORKERS ?= 2
# pytest ends by 5 when PYTEST_ARGS leaves no test, as they may of one of two calls.
OR_NONE := || [ $$$$? -eq 5 ]
COMMON := requirements-build.lock pyproject.toml scripts/setup.sh

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(RUNTIME) ## make .venv with the locked packages (again only when a lock changes)

run-local: $(RUNTIME) ## check the machine, then count words of its text files into ./out/wordcount
	@$(BIN)/sparkjob doctor --fetch >&2
	@$(BIN)/sparkjob run-local

run-stream: $(RUNTIME) ## show a stream for a minute: a load that swings, and executors that follow it
	@$(BIN)/sparkjob doctor --fetch >&2
	@$(BIN)/python -m bench.streams.demo

test: $(DEV) jars ## run the tests but those of processes and the slow ones
	@$(BIN)/python -m pytest -m "not slow and not process" -n $(TEST_WORKERS) --dist loadfile $(PYTEST_ARGS)

test-process: $(DEV) jars ## run the tests that start daemons and launchers and kill them, but the slow ones
	@$(BIN)/python -m pytest -m "process and not slow and not alone" -n $(TEST_WORKERS) --dist loadfile $(PYTEST_ARGS) $(OR_NONE)
	@$(BIN)/python -m pytest -m "alone and not slow" $(PYTEST_ARGS) $(OR_NONE)

test-all: $(DEV) jars ## run every test
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(DEV) ## check style and types
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy

bench: $(DEV) jars ## compare with DuckDB, Polars and plain Spark; writes bench/results
	@$(BIN)/python -m bench $(BENCH_ARGS)

bench-all: $(DEV) jars ## the same with more data, growth and files of 5 GB: hours, 20 GB of disk
	@$(BIN)/python -m bench --large --all $(BENCH_ARGS)

bench-loop: $(DEV) ## predict and choose on a real cluster of this machine, an hour; goes on where it was ended
	@$(BIN)/python -m bench.closed_loop $(BENCH_ARGS)

bench-streams: $(DEV) jars ## executors that follow a load, latency beside plain Spark; an hour, goes on where it was ended
	@$(BIN)/python -m bench.streams $(BENCH_ARGS)

lock: ## refresh the locks of the Python packages (needs uv)
	@scripts/lock.sh $(LOCK_ARGS)

lock-jars: $(RUNTIME) ## refresh conf/jars.lock from conf/jars.yaml
	@$(BIN)/sparkjob lock-jars

clean: ## remove what was built and written here; .venv and the jar cache stay
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis spark-warehouse metastore_db derby.log
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

$(RUNTIME): requirements.lock $(COMMON)
	@scripts/setup.sh requirements.lock
	@touch $@

$(DEV): requirements-dev.lock requirements.lock $(COMMON)
	@scripts/setup.sh requirements-dev.lock
	@touch $@ $(RUNTIME)

# Tests that need jars say so and skip when they cannot be had.
.PHONY: jars
jars: $(RUNTIME)
	@$(BIN)/sparkjob jars fetch delta s3 kafka >&2 || echo "tests that need the jars will be skipped" >&2
