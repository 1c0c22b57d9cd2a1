# The commands a person needs. Each does the set-up it depends on.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export HEDDLE_ENVOY ?= $(CURDIR)/.cache/envoy/envoy

.PHONY: help setup generate build image check unit golden e2e e2e-kubernetes e2e-kind test demo faults fields fields-write bench bench-on-demand bench-data-plane clean

help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: ## install what a fresh machine lacks: Debian packages, npm packages, Envoy
	@scripts/setup.sh

generate: setup ## write generated/ and manifests/crds anew from Envoy's protos and Istio's types (must leave no diff)
	scripts/generate/generate.sh

build: setup ## compile to dist/
	scripts/build.sh

image: setup ## build the container images; BASE=debian:bookworm-slim
	scripts/kind/images.sh $(BASE)

check: setup ## format, types, lint, import walls, dead code, unit and golden tests
	@scripts/check.sh

unit: setup ## unit and golden tests alone
	jest

golden: setup ## rewrite src/envoy/testdata/*/*/out.yaml and delete orphans
	HEDDLE_GOLDEN=write jest src/envoy/golden

e2e: setup ## behaviour tests: stock Envoys in network namespaces (needs root)
	jest --config e2e/jest.config.json

e2e-kubernetes: setup ## the Kubernetes API as a source, against a real etcd and kube-apiserver; Envoy's rate limit service (compiled if absent; needs Go)
	scripts/kind/binaries.sh etcd apiserver ratelimit
	jest --config e2e/kubernetes/jest.config.json || jest --config e2e/kubernetes/jest.config.json --onlyFailures # once more, what has failed

e2e-kind: setup ## behaviour tests in a Kubernetes cluster by kind (needs root or Docker; KEEP=1 leaves it running)
	scripts/kind/e2e.sh

test: setup ## everything: check, then e2e
	@scripts/check.sh
	jest --config e2e/jest.config.json

demo: setup ## the whole scenario on this machine; KEEP=1 leaves it running
	@scripts/demo.sh

faults: setup ## every fault of docs/faults.md, long form: a table and out/faults.json (FAULTS=short: minutes)
	node scripts/faults/faults.ts

fields: setup ## hold docs/fields.md, the table of every field of every kind, to schemas, goldens and tests
	@node scripts/fields.ts

fields-write: setup ## write the rows of docs/fields.md anew
	@node scripts/fields.ts --write

bench: setup build ## figures of the control plane under load, to out/bench.json
	node scripts/bench/bench.ts

bench-on-demand: setup ## sidecars with clusters on demand beside eager ones, to out/bench-on-demand.json (BENCH=quick: a minute)
	node scripts/bench/on-demand.ts

bench-data-plane: setup ## latency, CPU and memory of our sidecars beside the smallest ones (BENCH=quick, BENCH=parts)
	node scripts/bench/data-plane.ts

clean: ## remove what make made, except node_modules
	rm -rf dist out .cache
