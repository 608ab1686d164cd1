# Every command prepares what it needs; nothing has to be installed before but Node 20 and, for `make up`, Go and Python.
STACK ?= dev
ARGS ?= get pods -A
# Only one that is given to make: a cluster that the shell has exported must not be reached by accident.
ifeq ($(origin KUBECONFIG),command line)
export OMEGA_KUBECONFIG := $(abspath $(KUBECONFIG))
endif
# Which regions' stacks a command is for besides one that they share: all, none, or names with commas between them.
ifeq ($(origin REGIONS),command line)
export OMEGA_REGIONS := $(REGIONS)
endif
OMEGA := node --require tsx/cjs rehearsal/cli.ts

.PHONY: evacuate readmit up preview refresh down plan doctor setup stop reset kubectl env check test test-long bench-edge bench-plan

up preview refresh down plan doctor setup stop reset: node_modules
	@$(OMEGA) $@ $(STACK)

# Traffic stands before regions: of the stack that they share, unless another one is given.
evacuate readmit: node_modules
	@$(OMEGA) $@ $(if $(filter file,$(origin STACK)),prod,$(STACK)) "$(REGION)"

kubectl env: node_modules
	@$(OMEGA) $@ $(STACK) $(if $(filter kubectl,$@),$(ARGS))

check: node_modules
	npm run --silent check

test: node_modules
	@node --require tsx/cjs tests/tools.ts
	@npm test --silent

test-long: node_modules
	@npx jest --selectProjects long --runInBand

bench-edge: node_modules
	@node --require tsx/cjs tests/bench/edge.ts

bench-plan: node_modules
	@node --require tsx/cjs tests/bench/plan.ts

node_modules: package-lock.json
	npm ci --loglevel=error
	@touch node_modules
