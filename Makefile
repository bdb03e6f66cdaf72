# Client balance: every command of the project. `make` alone lists them.
PYTHON ?= python3
DEV = $(PYTHON) tools/dev.py

.DEFAULT_GOAL := help
.PHONY: help test

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

test: ## run all tests; K=expression for some, ARGS="more pytest options"
	@$(DEV) test

export K ARGS
