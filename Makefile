# The two commands of the README: `make demo` and `make test`. Everything else builds on them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DATA ?= data
DAYS ?= 30
MACHINES ?= 6
SEED ?= 1
PORT ?= 8088
SUPERSET := .venv-superset
PROOFS := $(VENV)/proofs.json
DUCKDBS := $(patsubst tests/clients/duckdb_versions/%.txt,$(VENV)/duckdb-%,$(wildcard tests/clients/duckdb_versions/*.txt))

export DO_NOT_TRACK := 1
export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

.PHONY: demo docs screenshots test check format lock install proof clients superset superset-test superset-screenshot superset-lock fuzz bench clean help

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

$(STAMP): requirements.lock pyproject.toml
	@echo "Installing the locked dependencies into $(VENV) (1-3 minutes, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

install: $(STAMP) ## the locked environment in .venv

demo: $(STAMP) ## simulate a plant's exports, run the night on them, publish, print the result
	@$(BIN)/leankpi simulate --data-dir $(DATA) --days $(DAYS) --machines $(MACHINES) --seed $(SEED)
	@$(BIN)/leankpi nightly --data-dir $(DATA)
	@echo
	@echo "Before you type leankpi or python: source $(BIN)/activate"

check: $(STAMP) ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/sqlfmt --check --quiet dbt_project
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## rewrite Python and SQL in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfmt --quiet dbt_project

test: check ## everything that must hold
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not full" --proofs=$(PROOFS)
	$(BIN)/python tests/proof_table.py $(PROOFS) --check

docs: $(STAMP) ## write the pages of KPIs (from the proofs of the last `make test`), feeds, metrics and stars
	$(BIN)/python tests/proof_table.py $(PROOFS)
	$(BIN)/python tests/feed_reference.py
	$(BIN)/python -m tests.semantic_layer
	$(BIN)/python tests/star_page.py

screenshots: $(STAMP) ## pictures of the board of the demo for the README (screen, paper, phone), into docs/ (needs chromium)
	BOARD_SCREENSHOTS=docs LEANKPI_DATA=$(DATA) $(BIN)/python -m pytest tests/orchestration/test_board_in_a_browser.py -k screenshots

proof: $(STAMP) ## every KPI of a simulated year against the truth: 3 plants of 20 machines and what else is long (over an hour, 3 GB)
	$(BIN)/python -m pytest -m full

clients: $(STAMP) $(DUCKDBS) ## the published file through every light client, older and newer DuckDBs too
	$(BIN)/python -m pytest tests/clients/test_light_clients.py tests/clients/test_duckdb_versions.py

$(VENV)/duckdb-%: tests/clients/duckdb_versions/%.txt | $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --require-hashes --target $@ --upgrade -r $<
	@touch $@

superset: $(DATA)/published/marts.duckdb $(SUPERSET)/.installed ## Superset on loopback with the dashboard of the morning meeting (PORT=8088)
	@$(SUPERSET)/bin/python bi/superset/start.py --data-dir $(DATA) --port $(PORT)

superset-test: $(STAMP) $(SUPERSET)/.installed ## the dashboard through Superset's API and in a browser, against the marts
	$(BIN)/python -m pytest tests/clients/test_superset.py

superset-screenshot: $(STAMP) $(SUPERSET)/.installed ## a picture of the dashboard of the demo into docs/
	SUPERSET_SCREENSHOT=docs/superset.png LEANKPI_DATA=$(DATA) $(BIN)/python -m pytest tests/clients/test_superset.py -k screenshot

superset-lock: ## resolve Superset's environment again (needs uv)
	uv pip compile bi/superset/requirements.in --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --output-file bi/superset/requirements.lock

$(DATA)/published/marts.duckdb:
	@echo "$@ is not there: publish a night first (make demo, or leankpi nightly)"; exit 1

$(SUPERSET)/.installed: bi/superset/requirements.lock
	@echo "Installing Superset into $(SUPERSET) (2-5 minutes, 0.7 GB, once) ..."
	@test -x $(SUPERSET)/bin/python || $(PYTHON) -m venv $(SUPERSET)
	@$(SUPERSET)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bi/superset/requirements.lock
	@touch $@

fuzz: $(STAMP) ## 10,000 mutated exports: nothing is lost, nothing wrong gets in (15 minutes)
	$(BIN)/python -m tests.fuzz

bench: $(STAMP) ## a night on 5 M machine states against the bare statements; one more day after 200; 2 GB and 10,000 files
	$(BIN)/python -m benchmarks.nightly_vs_duckdb
	$(BIN)/python -m benchmarks.one_more_day
	$(BIN)/python -m benchmarks.large_exports

lock: ## resolve the dependencies again (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras --no-header --python-version 3.11 --output-file requirements.lock

clean: ## remove the data of the demo (the environment stays)
	rm -rf $(DATA)/landing $(DATA)/truth $(DATA)/warehouse.duckdb* $(DATA)/published $(DATA)/dagster_home $(DATA)/dbt $(DATA)/plants.toml $(DATA)/data_docs $(DATA)/board $(DATA)/docs $(DATA)/export $(DATA)/semantic $(DATA)/superset $(DATA)/last_night.* $(DATA)/nightly.lock
