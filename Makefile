# Every command prepares what it needs; nothing has to be installed before but Node 20 and, for `make up`, Go and Python.
STACK ?= dev
ARGS ?= get pods -A
# Only one that is given to make: a cluster that the shell has exported must not be reached by accident.
ifeq ($(origin KUBECONFIG),command line)
export OMEGA_KUBECONFIG := $(abspath $(KUBECONFIG))
endif
OMEGA := node --require tsx/cjs rehearsal/cli.ts

.PHONY: up preview refresh down plan doctor setup stop reset kubectl env check test bench-edge bench-plan

up preview refresh down plan doctor setup stop reset: node_modules
	@$(OMEGA) $@ $(STACK)

kubectl env: node_modules
	@$(OMEGA) $@ $(STACK) $(if $(filter kubectl,$@),$(ARGS))

check: node_modules
	npm run --silent check

test: node_modules
	@node --require tsx/cjs tests/tools.ts
	@npm test --silent

bench-edge: node_modules
	@node --require tsx/cjs tests/bench/edge.ts

bench-plan: node_modules
	@node --require tsx/cjs tests/bench/plan.ts

node_modules: package-lock.json
	npm ci --loglevel=error
	@touch node_modules
