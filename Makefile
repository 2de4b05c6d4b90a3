# Each command makes what it needs first; a second run starts in seconds.
.PHONY: help setup demo demo-reset test check bench

help:
	@echo "make demo        the whole site with made-up people, on this machine"
	@echo "make demo-reset  forget what the demo kept"
	@echo "make test        all tests, on a real PostgreSQL and in a real browser"
	@echo "make check       style, types, layers, templates, translations, security"
	@echo "make bench       measurements"

setup:
	@tools/bootstrap

demo: setup
	@exec .venv/bin/python -m tools.supervisor

demo-reset: setup
	@exec .venv/bin/python -m tools.supervisor --reset

test: setup
	@exec .venv/bin/python -m pytest -n 2 --dist loadfile $(ARGS)

check: setup
	@exec .venv/bin/python -m tools.check $(ARGS)

bench: setup
	@exec .venv/bin/python -m tools.bench $(ARGS)
