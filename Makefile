# make serve     builds the release and serves the demo models on port 8080 (PORT=… for another)
# make test      lint, tree, unit tests, docs, release build, end-to-end tests; ends with the counts
# make lint      checks the format of the Swift sources
# make tree      checks sizes, names, circles of files and documents, without a build
# make docs      builds the DocC catalogues into .build/docs, warnings as errors
# make tsan      runs the unit tests, and the server under every kind of load, with ThreadSanitizer
# make asan      the same and the end-to-end tests with AddressSanitizer and LeakSanitizer
# make kernels   tests the C kernels: AddressSanitizer, valgrind (baseline, AVX2), NEON under QEMU
# make bench     compares HeadServe with OpenVINO, ONNX Runtime, JAX, PyTorch and other servers,
#                prints each table as it is finished and the time at the end;
#                BENCH='--only http --rounds 5', BENCH='--kernel avx2 --time 300' (see
#                BENCH=--help). The peers, some gigabytes from PyPI, go to .venv-bench. Debian's
#                nginx package also starts an nginx of its own.
# make recipes   runs the lines of RECIPES.md with the libraries that they are for, PyTorch among
#                them (gigabytes from PyPI, in .venv-recipes); KEEP=1 keeps the files that they
#                write in Tests/Fixtures/recipes, which make test serves
# make fuzz      fuzzes the readers of untrusted bytes, FUZZ_SECONDS=600 for each of 8 targets
# make simulate  runs clients, connections and the queue over a virtual clock, a million steps of
#                each of 8 seeds; SIMULATE='STEPS SEEDS FIRST'
# make attack    hostile bodies of every kind: checks processor time and memory against bounds, in
#                about five minutes; ATTACK='--only NAME' (see ATTACK=--help)
# make fairness  times a small client alone and beside 1 and 20 greedy ones of every kind, in some
#                twenty minutes, and compares what each gets with its share; FAIRNESS='--only NAME'
# make uncertainty  measures what is promised about standard errors, intervals, points,
#                certificates, tolerances and prediction sets: compares with ten million draws,
#                other quadratures and known labels, in some forty minutes;
#                UNCERTAINTY='--only NAME' (see UNCERTAINTY=--help)
# make soak      full load with clients that leave and greedy ones, SOAK_SECONDS=1500: checks
#                answers and memory
# make drains    ends the server under clients in closed loops, COUNT=50 times: breaks no request
# make mixes     random mixes of requests, COUNT=10000: answers have the bytes that they have alone
# make reloads   reloads models and credentials RELOADS=10000 times: checks memory and latency
#
# Each target installs missing system packages (Debian, Ubuntu) and fetches those of Swift and
# Python the first time. When nothing is missing, no target uses the network.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := serve

PORT ?= 8080
BENCH ?=
ATTACK ?=
FAIRNESS ?=
UNCERTAINTY ?=
KEEP ?=
SIMULATE ?=
SOAK_SECONDS ?= 1500
RELOADS ?= 10000
COUNT ?=
build_packages := libfast-float-dev libssl-dev zlib1g-dev pkg-config

.PHONY: serve test bench recipes lint tree docs kernels tsan asan fuzz simulate attack fairness uncertainty \
	soak drains mixes reloads packages clean

serve: packages
	swift build -c release --product headserve
	@echo; echo 'When it is ready, ask about a digit:'; echo
	@sed -n '/^curl -d/s/:8080/:$(PORT)/p' README.md; echo
	exec .build/release/headserve serve --port $(PORT)

test:
	@.ci/test

bench: packages
	@.ci/install wrk nginx
	@.ci/venv .venv-bench Tests/Benchmarks/requirements.txt
	swift build -c release --product headserve
	.venv-bench/bin/python Tests/Benchmarks/bench.py $(BENCH)

recipes: packages
	@.ci/install curl
	@.ci/venv .venv-recipes Tests/Recipes/requirements.txt
	$(if $(KEEP),.venv-recipes/bin/python Tests/Recipes/keep.py)
	swift build -c release --product headserve
	.venv-recipes/bin/python -m pytest Tests/Recipes

lint:
	swift format lint --strict -r Sources Tests Package.swift

tree:
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	.venv/bin/python -m pytest Tests/Tree

docs: packages
	@.ci/docs

kernels:
	Tests/Kernels/sanitize
	@.ci/install valgrind qemu-user libc6-dev-arm64-cross gcc-aarch64-linux-gnu
	Tests/Kernels/valgrind
	Tests/Kernels/neon

tsan: packages
	@.ci/install wrk
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	Tests/Sanitizers/run thread

asan: packages
	@.ci/install wrk curl openssl nginx
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	Tests/Sanitizers/run address

fuzz: packages
	Tests/Fuzzing/run

simulate: packages
	swift run -c release simulate $(SIMULATE)

attack fairness uncertainty soak drains mixes reloads: export PYTHONPATH = Tests/EndToEnd:Tests/Soak
attack: packages
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	swift build -c release --product headserve
	.venv/bin/python Tests/Attack/attack.py $(ATTACK)

fairness: packages
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	swift build -c release --product headserve
	.venv/bin/python Tests/Attack/fairness.py $(FAIRNESS)

uncertainty: packages
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	swift build -c release --product headserve
	.venv/bin/python Tests/Uncertainty/measure.py $(UNCERTAINTY)

soak: packages
	@.ci/install wrk
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	swift build -c release --product headserve
	.venv/bin/python Tests/Soak/soak.py --seconds $(SOAK_SECONDS)

drains: packages
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	swift build -c release --product headserve
	.venv/bin/python Tests/Soak/drains.py $(addprefix --count ,$(COUNT))

mixes: packages
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	swift build -c release --product headserve
	.venv/bin/python Tests/Soak/mixes.py $(addprefix --count ,$(COUNT))

reloads: packages
	@.ci/venv .venv Tests/EndToEnd/requirements.txt
	swift build -c release --product headserve
	.venv/bin/python Tests/Soak/reloads.py --count $(RELOADS)

packages:
	@.ci/install $(build_packages)

clean:
	rm -rf .build .build-tsan .build-asan .build-fuzz .venv .venv-bench .venv-recipes
