# Everything on a fresh Debian: `make demo` shows the main job, `make test` proves it. Both make .venv first.
PYTHON ?= python3
VENV   ?= .venv
# Extra arguments for pip, for example the index with CPU builds of torch (README, "Without CUDA").
PIP_ARGS ?=

PIP := $(VENV)/bin/pip install --quiet --disable-pip-version-check $(PIP_ARGS)

.PHONY: demo test lint bench gpu-check clean

demo: $(VENV)/.installed
	$(VENV)/bin/smarthome demo

test: $(VENV)/.installed-dev
	@sh tests/need-apt.sh tests/apt.txt
	$(MAKE) lint
	$(VENV)/bin/python -m pytest --numprocesses 2 --dist loadgroup --durations=15

lint: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# Some minutes. `smarthome bench house` with its default sizes takes longer.
bench: $(VENV)/.installed-dev
	$(VENV)/bin/smarthome bench nlu --forms
	$(VENV)/bin/smarthome bench house --sizes 30,100,1000
	$(VENV)/bin/smarthome bench idle --seconds 20

# Everything that needs a GPU; without one it says what it would run.
gpu-check: $(VENV)/.installed-dev
	$(VENV)/bin/python -m tests.gpu.check

clean:
	rm -rf $(VENV) build dist

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[whisper-base]'
	touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	$(PIP) --editable '.[all,dev]'
	touch $@
