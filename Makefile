# Two commands are enough: `make repro` and `make test`. `make help` lists the rest.
# Needs git, GNU make, a POSIX shell, Python 3.11 to 3.13 and a package index; no other network.

STUDY ?= telecom
PYTHON ?=
WORKERS ?= 2
# What continuous integration reproduces, and how: --repeat runs twice where bytes differ, --exact
# accepts no tolerance.
CI_STUDIES ?= telecom
VERIFY ?= --repeat
BASE ?= main
# Which families belong in the blend, and how its probabilities are calibrated.
GRID ?= models=[rf,xgb,mlp]|[logistic,rf,xgb,mlp] blend.calibration=none|platt|isotonic
UPGRADE ?=

UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_STAMP := $(VENV)/.uv-$(UV_VERSION)
# The interpreter is named, so that another activated environment is never the one installed into.
INSTALL := $(UV) pip install --quiet --python $(BIN)/python
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# Tests of Spark run where there is Java, and say where there is none that they did not.
SPARK := $(if $(shell command -v java),$(VENV)/.env-spark)

# Stages are `python -m …` commands: they must meet this environment's python first.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
# Two cores, and stages that use them both: targets run one after the other, in the order written.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help env env-dev repro experiments readme test lint audit format test-unit test-pipeline \
	notebooks verify review gate plots bench-pipeline bench-quality bench-remotes bench-simulator \
	bench-batch bench-serving lock clean

help: ## List the targets and the variables
	@echo 'make TARGET [VARIABLE=value]'
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo 'Variables'
	@echo '  STUDY            telecom (default), bank, olist, or all: the study that repro runs'
	@echo '  PYTHON           interpreter to build the environment from (default: the first fit one)'
	@echo '  WORKERS          parallel test processes (default 2)'
	@echo '  CI_STUDIES       studies that verify runs (default telecom)'
	@echo '  VERIFY           options of verify (default --repeat; --exact: no tolerance)'
	@echo '  BASE             revision that review and gate compare with (default main)'
	@echo '  GRID             experiments, as PARAMETER=VALUE|VALUE ...'
	@echo '  UPGRADE          UPGRADE=1 lets lock take newer releases'

# --- environment -----------------------------------------------------------------------------

env: $(VENV)/.env $(VENV)/.package ## Create .venv with what running the pipeline needs

env-dev: $(VENV)/.env-dev $(VENV)/.package ## Create .venv with what changing the code needs

$(UV_STAMP):
	@python=$$(sh .ci/choose-python "$(PYTHON)") && \
		echo "Creating $(VENV) from $$python" && "$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# Imports of modules that are not compiled take three times as long, in every stage.
$(VENV)/.env: requirements.txt $(UV_STAMP)
	$(INSTALL) --require-hashes --compile-bytecode -r requirements.txt
	@touch $@

$(VENV)/.env-dev: requirements-dev.txt $(UV_STAMP)
	$(INSTALL) --require-hashes --compile-bytecode -r requirements-dev.txt
	@touch $@ $(VENV)/.env

# Spark comes as source without a build of its own, so that nothing without a hash is fetched for it.
$(VENV)/.env-spark: requirements-spark.txt $(VENV)/.env-dev
	$(INSTALL) --require-hashes --no-build-isolation -r requirements-spark.txt
	@touch $@

$(VENV)/.package: pyproject.toml $(UV_STAMP)
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

lock: $(UV_STAMP) ## Write the requirements files from pyproject.toml
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --extra dev --group serve --constraints requirements.txt \
		--output-file requirements-dev.txt
	$(COMPILE) --group serve --constraints requirements-dev.txt --output-file requirements-serve.txt
	$(filter-out --universal,$(COMPILE)) --python-platform linux --group mlflow \
		--constraints requirements-dev.txt --output-file requirements-mlflow.txt
	$(COMPILE) pyproject.toml --extra spark --constraints requirements.txt \
		--output-file requirements-spark.txt

# Every stage of the studies named, those that no report needs included.
stages = --glob $(foreach study,$(1),'*@$(study)' '*@$(study)-*')

# --- pipeline --------------------------------------------------------------------------------

repro: env ## Run a study and print its results table
	@$(BIN)/dvc repro $(if $(filter all,$(STUDY)),,$(call stages,$(STUDY)))
	@$(BIN)/churnlab show $(if $(filter all,$(STUDY)),,$(STUDY))
	@[ -z "$$MLFLOW_TRACKING_URI" ] || $(BIN)/churnlab log-runs $(if $(filter all,$(STUDY)),,$(STUDY))

experiments: env ## Run the experiments of GRID on STUDY and show them side by side
	@$(BIN)/churnlab experiments "$(STUDY)" $(foreach part,$(GRID),'$(part)')

plots: env ## Draw every plot into dvc_plots/index.html
	@$(BIN)/dvc plots show

readme: env ## Put the printed results into README.md
	@$(BIN)/python .ci/update_readme.py

review: env ## Print, as Markdown, the results beside those of BASE
	@sh .ci/review "$(BASE)"

gate: env ## Fail where the champion of CI_STUDIES is significantly worse than that of BASE
	@sh .ci/gate "$(BASE)" $(CI_STUDIES)

# --- checks ----------------------------------------------------------------------------------

test: lint audit test-unit verify test-pipeline notebooks ## Run everything that CI runs

lint: env-dev ## Check style, types, layers, workflows, Dockerfiles and the compose file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@sh .ci/lint-files
	@$(BIN)/python .ci/update_readme.py --check

audit: env-dev ## Hold the locked packages against the published advisories
	@$(BIN)/python .ci/audit.py

format: env-dev ## Put the code into its standard form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-unit: env-dev $(SPARK) ## Run the fast tests
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) -m "not slow and not pipeline"

test-pipeline: env-dev $(SPARK) ## Run the slow tests and those that run real DVC stages
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m "slow or pipeline"

notebooks: env-dev ## Execute the notebooks on the pipeline's outputs (run repro first)
	$(BIN)/pytest -n $(WORKERS) --nbmake --nbmake-timeout=600 notebooks

# What was verified comes out of the cache for the targets after it. Where the bytes were others but
# within tolerance, dvc.lock does not lead to them, and repro makes them.
verify: env ## Run CI_STUDIES from nothing and hold every output against what is committed
	@$(BIN)/churnlab verify $(VERIFY) --keep-outputs $(CI_STUDIES)
	@$(BIN)/dvc checkout --quiet --allow-missing
	@$(BIN)/dvc repro --quiet $(call stages,$(CI_STUDIES))

# --- measurements ----------------------------------------------------------------------------

bench-pipeline: env-dev ## Measure the time and memory of the pipeline, and what is not fitting
	$(BIN)/python benchmarks/pipeline/run.py

bench-quality: env-dev ## Compare the champion with other tools on the same folds
	$(BIN)/python benchmarks/quality/run.py

bench-remotes: env-dev ## Measure what pulling a study saves, beside computing it
	$(BIN)/python benchmarks/remotes/run.py

bench-simulator: env-dev ## Compare a simulated marketplace with the published one, and time it
	$(BIN)/python benchmarks/simulator/run.py --items 1000000

bench-batch: env-dev $(SPARK) ## Time batch scoring, and fits on Spark, beside this machine alone
	$(BIN)/python benchmarks/batch/run.py
	$(BIN)/python benchmarks/batch/training.py

bench-serving: env-dev ## Load the service beside others, then for long, with swaps and killed workers
	$(BIN)/python benchmarks/serving/run.py
	$(BIN)/python benchmarks/serving/soak.py

clean: ## Remove the environment and the tools' caches; results and DVC's cache stay
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache \
		dvc_plots catboost_info src/churnlab.egg-info
	find . -type d \( -name .git -o -name .dvc \) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
