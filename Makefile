# Client balance: every command of the project. `make` alone lists them.
PYTHON ?= python3
DEV = @$(PYTHON) tools/dev.py
export K ARGS PORT SUITES AGAIN WORKERS LOAD_USERS LOAD_TIME LOAD_ROUNDS

.DEFAULT_GOAL := help
.PHONY: help demo cluster cluster-load stop clean doctor setup test test-second test-core test-stress test-beside \
	test-shop test-oca test-others \
	lint format i18n lock shell bench soak mutants doors screenshots wheel

help: ## list the commands
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22
	@echo
	@echo '  bin/odoo …          any odoo command: bin/odoo shell -d demo'
	@echo
	@echo '  PORT=8080           the port of the demo, or of the cluster'
	@echo '  WORKERS=4           worker processes of the cluster'
	@echo '  K=expression        only tests with such names; ARGS="more pytest options"'
	@echo '  SUITES="sale portal"  some suites for test-others; AGAIN=failed halves its time'
	@echo '  ODOO_SRC=folder     your own checkout of Odoo 19'
	@echo '  PG_BIN=folder       your own PostgreSQL (the folder with initdb)'
	@echo '  CHROMIUM=program    your own browser'
	@echo '  PYTHON=program      Python 3.11, 3.12 or 3.13'
	@echo '  CLIENT_BALANCE_CACHE=folder  keep downloads there, for several checkouts'

demo: ## get everything, start Odoo with demo data, print URL and logins
	$(DEV) demo

cluster: ## the same with worker processes, a PostgreSQL primary and its replica
	$(DEV) cluster

cluster-load: ## many people at once on the cluster, with and without its replica
	$(DEV) cluster-load

stop: ## stop Odoo and PostgreSQL
	$(DEV) stop

clean: ## stop, and remove everything that was built
	$(DEV) clean

doctor: ## what is there, what is missing, what to do about it
	$(DEV) doctor

setup: ## get everything that the tests need
	$(DEV) setup

test: ## run all tests; K=… for some
	$(DEV) test

test-second: ## the half of our tests that `make test` runs beside the other
	$(DEV) test-second

test-core: ## Odoo's own payment tests, with the addon installed
	$(DEV) test-core

test-stress: ## the same, with every receivable treated as a balance
	$(DEV) test-stress

test-beside: ## the addons around ours and the example of docs/, installed beside
	$(DEV) test-beside

test-shop: ## our tests of payments and portal beside the website's shop and the cash register
	$(DEV) test-shop

test-oca: ## our tests of bank lines beside OCA's account_reconcile_oca
	$(DEV) test-oca

test-others: ## Odoo's own suites without the addon and with it, compared: half an hour or more
	$(DEV) test-others

lint: ## check form and habits
	$(DEV) lint

format: ## mend what a tool can mend
	$(DEV) format

i18n: ## write the translation template and uk.po anew
	$(DEV) i18n

wheel: ## build a package of each addon into dist/
	$(DEV) wheel

lock: ## write the lock files anew, after a change of requirements/*.in
	$(DEV) lock

shell: ## a Python shell in the demo database
	$(DEV) shell

bench: ## measure speed with many clients
	$(DEV) python benchmarks/run.py $(ARGS)

soak: ## many users, random operations, crashes, for hours; K=… for a part
	$(DEV) soak

mutants: ## break the code on purpose, one line at a time: each must turn a test red
	$(DEV) mutants

doors: ## write docs/doors.md anew: who may do what through RPC
	$(DEV) doors

screenshots: ## the pictures of the documentation, from the demo
	$(DEV) python tools/screenshots.py $(ARGS)
