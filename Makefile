# weir's own work, from a fresh machine with Go, make and apt-get: `make test`.
# `make` alone lists the targets.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:

# No version stamps: git refuses to tell them in a checkout of another user, as
# some CI machines have it, and the go command would fail for that.
export GOFLAGS := $(strip $(shell go env GOFLAGS 2>/dev/null) -buildvcs=false)

FUZZTIME ?= 30s
NAME     ?=
DRIFT_REFERENCE ?=

# The other modules of this repository (bench, some examples); tools has no code.
MODULES := $(patsubst ./%/go.mod,%,$(shell find . -mindepth 2 -name go.mod \
	-not -path './tools/*' -not -path '*/testdata/*' | sort))

# The developers' tools are pinned in a module of their own, so that they never
# enter the go.mod that users of weir inherit.
staticcheck = go tool -modfile=$(CURDIR)/tools/go.mod staticcheck

# One line per step; what follows it is said by the step itself.
say = @printf '==> %s\n'

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "%-10s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: ## install what the tests need and this machine lacks (apt-get)
	$(say) setup
	@scripts/setup

.PHONY: fmt
fmt: ## format all Go files
	$(say) 'gofmt -w'
	@gofmt -w .

.PHONY: format
format:
	$(say) 'gofmt -l'
	@files=$$(gofmt -l .) && { [ -z "$$files" ] || { \
		printf '%s\n' 'not formatted, run make fmt:' $$files >&2; exit 1; }; }

.PHONY: vet
vet: ## go vet, in every module
	$(say) 'go vet'
	@go vet ./...
	@for m in $(MODULES); do (cd $$m && go build -o /dev/null ./... && go vet ./...) || exit 1; done

.PHONY: staticcheck
staticcheck:
	$(say) staticcheck
	@$(staticcheck) ./...
	@for m in $(MODULES); do (cd $$m && $(staticcheck) ./...) || exit 1; done

.PHONY: lint
lint: format vet staticcheck ## gofmt, go vet, staticcheck

.PHONY: generate
generate: ## write every sdk/*/*.gen.go again from specs
	$(say) 'generate'
	@go generate ./...

.PHONY: generated
generated:
	$(say) 'generate --check'
	@go run . generate --check

.PHONY: check
check: lint generated ## lint, and generated files are what specs say

.PHONY: test
test: setup check ## everything that CI wants: check, then all tests with the race detector
	@for m in $(MODULES); do \
		printf '==> go test in %s\n' $$m; (cd $$m && go test ./...) || exit 1; done
	$(say) 'go test -race'
	@go test -race ./...

.PHONY: unit
unit: ## the tests alone, without the race detector: fast
	$(say) 'go test'
	@go test ./...

.PHONY: scenarios
scenarios: ## 10,000 random scenarios of the engine (a minute or two), and their count
	@go test -count=1 -v -run='^TestRefereeRefusesNothing$$' ./runtime/budget -rapid.checks=2500 | \
		sed -E '/^=== |^ *--- PASS|^PASS$$|\[rapid\] OK/d'

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (30s)
	@FUZZTIME=$(FUZZTIME) scripts/fuzz

.PHONY: bench
bench: ## weir beside its peers: one JSON line for each case of NAME (none: the names)
	@cd bench && go run . $(NAME)

.PHONY: drift
drift: ## our documents beside the vendors' own in the folder DRIFT_REFERENCE; fails where they differ without a reason
ifeq ($(DRIFT_REFERENCE),)
	@echo 'drift: DRIFT_REFERENCE names no folder with vendors'"'"' documents, so there is nothing to compare with'
else
	@go run . drift --reference '$(DRIFT_REFERENCE)'
endif

.PHONY: cover
cover: ## coverage of the hand-written code, by function, in cover.out
	$(say) 'go test -cover'
	@go test -coverpkg=./... -coverprofile=cover.all.out ./...
	@grep -v '\.gen\.go:' cover.all.out >cover.out
	@go tool cover -func=cover.out | tail -n 1
