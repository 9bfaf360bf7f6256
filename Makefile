# Everything a developer does; `make help` lists it.
.DEFAULT_GOAL := help
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT := .bin/golangci-lint
LINT_VERSION := v2.15.0

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## install what is missing (Postgres on Debian), or say what to install
	@.ci/setup.sh

.PHONY: build
build: ## build bin/kgsync
	CGO_ENABLED=0 go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/kgsync ./cmd/app

.PHONY: demo
demo: setup build ## a vault becomes a graph: REPO=/path/to/your/git/repository, ONCE=1 to exit after the sync
	@.ci/demo.sh

.PHONY: test
test: setup ## run the tests (needs Go, git and Postgres)
	go test -pgo=off -timeout 20m ./...

.PHONY: converge
converge: setup ## random histories of edits, faults and crashes must converge: HISTORIES=120 SEED=1, LEDGER=file to go on later
	KGSYNC_HISTORIES=$(or $(HISTORIES),120) KGSYNC_SEED=$(or $(SEED),1) KGSYNC_PARALLEL=$(or $(PARALLEL),8) KGSYNC_LEDGER=$(LEDGER) \
		go test -pgo=off -timeout 24h -count=1 -v ./cmd/app -run '^TestAnyHistoryConverges$$'

.PHONY: model
model: ## search every order of steps of the sync protocol in small worlds, and each mutation's trace (docs/reliability.md)
	KGSYNC_MODEL=deep go test -pgo=off -count=1 -timeout 1h -v ./internal/sync/model

.PHONY: converge-mutants
converge-mutants: setup ## show that the convergence test can fail: each broken invariant must be noticed, ONLY=names
	go run ./internal/rehearse/mutants -only "$(ONLY)"

.PHONY: oracle
oracle: ## compare the parsers with independent tools (needs Node and a corpus: KGSYNC_CORPUS)
	@.ci/oracle.sh

.PHONY: contract
contract: setup ## hold requests, webhooks, metrics and the dashboard to GitHub's words, a real Prometheus and Chromium (needs npm)
	@.ci/contract.sh

.PHONY: fuzz
fuzz: ## fuzz every parser, FUZZTIME each (a duration, or executions such as 1000000x)
	@.ci/fuzz.sh $(or $(FUZZTIME),10m)

.PHONY: bench
bench: setup build ## measure beside floors of the same run: CORPUS=dir, ONLY=sync,push; writes docs/benchmarks.md
	go run ./internal/bench --corpus "$(CORPUS)" --metaverse "$(METAVERSE)" --only "$(ONLY)" --write docs/benchmarks.md

.PHONY: profile
profile: setup build ## profile the server during a first sync, into profiles/: CORPUS=dir
	go run ./internal/bench profile --corpus "$(CORPUS)"
	go tool pprof -top -nodecount 25 bin/kgsync profiles/cpu.pprof

.PHONY: pgo
pgo: setup build ## record anew what the compiler optimises for (cmd/app/default.pgo): CORPUS=dir
	go run ./internal/bench pgo --corpus "$(CORPUS)" cmd/app/default.pgo

.PHONY: lint
lint: $(LINT) ## check style, the import rules and go.mod
	test -z "$$(gofmt -l cmd internal migrations)"
	go vet ./...
	go vet -tags contract ./...
	go mod tidy -diff
	$(LINT) run

$(LINT):
	GOBIN=$(CURDIR)/.bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
