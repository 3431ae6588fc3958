# The commands people run are the commands CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 3
WORKERS ?= 2
DEMO ?= runs/demo
REPEATS ?= 60

.PHONY: setup demo test lint check soak speed images clean

setup: $(VENV)/.done

# torch's plain wheel drags in gigabytes of CUDA; no part of the set-up needs it.
$(VENV)/.done: pyproject.toml docker/host.sh
	sh docker/host.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[docker,browser,screen]' --group dev
	touch $@

images: setup
	sh docker/as_root.sh $(BIN)/deskgym build

demo: images
	$(BIN)/deskgym collect --agent oracle --seeds 0:1 --into $(DEMO) --workers $(WORKERS) --annotate
	$(BIN)/deskgym collect --agent idle --seeds 0:1 --into $(DEMO) --workers $(WORKERS)
	$(BIN)/deskgym collect --agent random --seeds 0:1 --into $(DEMO) --workers $(WORKERS)
	$(BIN)/deskgym judge $(DEMO) >/dev/null
	$(BIN)/deskgym view $(DEMO) --film oracle

test: images lint
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

# The complete proofs: every task, every kind of desktop that runs every application.
check: images
	$(BIN)/deskgym check --all --seeds $(SEEDS) --workers $(WORKERS)
	$(BIN)/deskgym check --all --seeds $(SEEDS) --workers $(WORKERS) --desktop docker

# A thousand episodes, with a random part of a random desktop killed every few seconds.
soak: images
	$(BIN)/deskgym soak --episodes 1000 --workers 4 --kill-every 20 --into runs/soak

# Takes about half an hour. The peers need a Docker engine, and root once for the image with their tools.
speed: images
	$(BIN)/deskgym speed --repeats $(REPEATS) --json >docs/speed.json.new
	mv docs/speed.json.new docs/speed.json
	$(BIN)/deskgym speed --from docs/speed.json --plot docs/speed.png --readme README.md

clean:
	rm -rf $(VENV) build dist *.egg-info runs
