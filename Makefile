# Every target sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TRAIN := .venv-train
SHARED ?= ../shared
WORK ?= train-work
MINUTES ?= 10
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help run demo test check eval bench fuzz train reference lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# A stamp per lock file: set-up happens once, and again when the lock changes.
$(VENV)/run.stamp: deploy/locks/run.txt pyproject.toml
	@sh deploy/setup.sh "$(PYTHON)" $(VENV) run
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp deploy/locks/dev.txt
	@sh deploy/setup.sh "$(PYTHON)" $(VENV) dev
	@touch $@

$(TRAIN)/train.stamp: deploy/locks/train.txt pyproject.toml
	@sh deploy/setup.sh "$(PYTHON)" $(TRAIN) train
	@touch $@

run: $(VENV)/run.stamp  ## set up, then collect, label, detect, alert and serve the page
	@$(BIN)/framewatch run $(ARGS)

demo: $(VENV)/run.stamp  ## set up, then the whole product on a simulated world
	@$(BIN)/framewatch demo $(ARGS)

test: $(VENV)/dev.stamp  ## set up, then every test; starts the servers it needs
	@sh deploy/needs.sh
	@$(BIN)/pytest $(ARGS)

check: $(VENV)/dev.stamp  ## format, lint, types, import direction
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

eval: $(VENV)/dev.stamp  ## scores of the framing model and of the detector
	@$(BIN)/python -m tests.eval.framing_scores --shared $(SHARED)
	@$(BIN)/python -m tests.eval.detector_promise
	@$(BIN)/python -m tests.eval.addresses --shared $(SHARED)
	@$(BIN)/python -m tests.eval.near_duplicates --shared $(SHARED)
	@$(BIN)/python -m tests.eval.silence
	@$(BIN)/python -m tests.eval.language --shared $(SHARED)
	@$(BIN)/python -m tests.eval.extraction $(if $(BENCHMARK),--benchmark $(BENCHMARK))
	@$(BIN)/python -m tests.eval.page_edits $(if $(BENCHMARK),--benchmark $(BENCHMARK))

bench: $(VENV)/dev.stamp $(TRAIN)/train.stamp  ## speed and memory, as ratios in one run
	@$(TRAIN)/bin/python -m tests.bench.bench_classify
	@$(BIN)/python -m tests.bench.bench_import --shared $(SHARED)
	@$(BIN)/python -m tests.bench.bench_detect
	@$(BIN)/python -m tests.bench.bench_page
	@$(BIN)/python -m tests.bench.bench_pages
	@$(BIN)/python -m tests.bench.bench_store
	@$(BIN)/python -m tests.bench.bench_collect

fuzz: $(VENV)/dev.stamp  ## damage feeds and pages at random for MINUTES=10, SEED=1
	@$(BIN)/python -m tests.fuzz.fuzz_feed --minutes $(MINUTES) --seed $(SEED)

train: $(TRAIN)/train.stamp  ## rebuild the framing model from labelled data (PyTorch)
	@$(TRAIN)/bin/python -m services.framing.train --shared $(SHARED) --work $(WORK) \
		--out services/framing/model

reference: $(VENV)/run.stamp  ## rebuild the reference history with the active model
	@$(BIN)/python -m services.reference --shared $(SHARED)

lock: $(VENV)/dev.stamp  ## pin every dependency with hashes, after a change in pyproject.toml
	@sh deploy/locks/update.sh $(BIN)

clean:  ## remove what set-up made; collected data stays
	@rm -rf $(VENV) $(TRAIN) .mypy_cache .ruff_cache .pytest_cache
