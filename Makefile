# parknews: `make demo` shows the main job, `make test` runs all quick tests.  Python >= 3.11 and make are enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
HOME_DIR ?= demo-home

.PHONY: setup demo test test-slow lint lock clean

setup: $(VENV)/.done $(VENV)-replay/.done

$(VENV)/.done: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "parknews needs Python 3.11 or newer; this is %s: make setup PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# pywb lives alone: it pins old versions that break the crawler.  Without it everything but replay works.
$(VENV)-replay/.done: requirements-replay.txt
	@{ $(PYTHON) -m venv $(VENV)-replay && \
	   $(VENV)-replay/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-replay.txt && touch $@; } || \
	 echo "make setup: pywb could not be installed, so 'parknews serve' will not replay; all else works. Try again: make $(VENV)-replay/.done"

demo: setup
	@$(BIN)/python -m tests.demo.run $(HOME_DIR)

test: setup
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: setup
	$(BIN)/python -m pytest -m slow

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# New versions, with hashes and without index lines.
lock: $(VENV)/.done
	$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host --extra dev -o requirements.txt pyproject.toml
	build/lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host -o requirements-replay.txt requirements-replay.in

clean:
	rm -rf $(VENV) $(VENV)-replay $(HOME_DIR) build
