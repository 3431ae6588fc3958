# The commands people run are the commands CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 3
WORKERS ?= 2
DEMO ?= runs/demo
REPEATS ?= 60

TORCH ?= torch==2.13.0+cpu

# What the student is taught, how much of it, and where it all lies.
LESSONS ?= mousepad.replace_name mousepad.publish_notice
SCREEN ?= 480x352
TAUGHT ?= 0:450
STUDENT ?= runs/student
STUDENT_SEED ?= 0
OTHERS ?= mousepad.fix_setting mousepad.drop_cancelled mousepad.move_section featherpad
PLAYERS = --agent student:$(STUDENT)/student --agent student:$(STUDENT)/base --agent idle --agent random

.PHONY: setup train demo student test lint check soak speed images clean

setup: $(VENV)/.done

$(VENV)/.done: pyproject.toml docker/host.sh
	sh docker/host.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[docker,browser,screen,teachers]' --group dev
	touch $@

# What the student needs. PyPI's torch for Linux drags in gigabytes of CUDA and does not start without them; the CPU's
# is found where pip is told to look (find-links, an index of one's own) or at PyTorch's. For a GPU: make train TORCH=torch
train: $(VENV)/.train

$(VENV)/.train: $(VENV)/.done
	$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet '$(TORCH)' \
		|| $(BIN)/python -m pip install --quiet --index-url https://download.pytorch.org/whl/cpu '$(TORCH)'
	$(BIN)/python -m pip install --quiet --editable '.[train]' --group train-dev
	touch $@

images: setup
	sh docker/as_root.sh $(BIN)/deskgym build

demo: images
	$(BIN)/deskgym collect --agent oracle --seeds 0:1 --into $(DEMO) --workers $(WORKERS) --annotate
	$(BIN)/deskgym collect --agent idle --seeds 0:1 --into $(DEMO) --workers $(WORKERS)
	$(BIN)/deskgym collect --agent random --seeds 0:1 --into $(DEMO) --workers $(WORKERS)
	$(BIN)/deskgym judge $(DEMO) >/dev/null
	$(BIN)/deskgym view $(DEMO) --film oracle --into $(DEMO)/view

# From nothing to a student with a number: see docs/training.md. What is there already is not made again.
student: images train
	$(BIN)/deskgym collect $(LESSONS) --agent oracle --seeds $(TAUGHT) --screen $(SCREEN) --into $(STUDENT)/oracle --workers $(WORKERS)
	test -d $(STUDENT)/data || $(BIN)/deskgym curate $(STUDENT)/oracle --benchmark 10000:10080 --into $(STUDENT)/data
	test -d $(STUDENT)/base || $(BIN)/deskgym base tiny $(STUDENT)/base --words-of $(STUDENT)/data
	$(BIN)/deskgym train $(STUDENT)/data --base $(STUDENT)/base --config training/from_nothing.yaml \
		--seed $(STUDENT_SEED) --into $(STUDENT)/student
	OMP_NUM_THREADS=1 $(BIN)/deskgym bench $(LESSONS) $(PLAYERS) --seeds 10000:10080 --screen $(SCREEN) \
		--into $(STUDENT)/taught --workers $(WORKERS)
	OMP_NUM_THREADS=1 $(BIN)/deskgym bench $(OTHERS) $(PLAYERS) --seeds 10000:10010 --screen $(SCREEN) \
		--into $(STUDENT)/others --workers $(WORKERS)
	$(BIN)/deskgym report $(STUDENT)/taught $(STUDENT)/others --page $(STUDENT)/report.html

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
