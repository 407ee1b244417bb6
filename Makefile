# LinuxGuard. `make` alone says what there is to do.
# Every tool comes from the npm registry, Node too: npm's own node (18 or newer) only runs npm.

NODE_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))
NODE := $(CURDIR)/node_modules/node-linux-$(NODE_ARCH)/bin/node
INSTALLED := node_modules/.installed
NEED := sh build/need.sh
SYSTEM_PATH := $(PATH)
export PATH := $(dir $(NODE)):$(CURDIR)/node_modules/.bin:/usr/local/sbin:/usr/sbin:/sbin:$(PATH)

SHELL_FILES = .ci/run $(shell find build test -name '*.sh') \
	debian/preinst debian/postinst debian/prerm debian/postrm debian/config etc/linuxguard-setup
# What these tests import needs root, a real auditd or minutes.
SLOW := test/support/(agent|auditd|tmpfs|strace|kill-loop)|test/oracle|\#build/
TEST := $(NODE) --test --test-concurrency=2

.DEFAULT_GOAL := help
.PHONY: help setup check test test-quick test-system bench run build packages repo generate clean
.DELETE_ON_ERROR:

help: ## Says what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED) ## Installs Node and all tools from the npm registry, as locked

$(INSTALLED): package-lock.json
	@$(NEED) setup
	@PATH="$(SYSTEM_PATH)" sh build/setup.sh $(NODE)
	@touch $@

check: setup ## Checks types, style, promises, unused code and shell scripts
	@$(NEED) check
	tsc
	biome check --error-on-warnings
	oxlint --type-aware
	knip
	shellcheck $(SHELL_FILES)

test: setup ## Runs every test without a virtual machine; needs root, as some start a real auditd
	@$(NEED) test generate build
	$(TEST) $$(find test -name '*.test.ts' -not -path 'test/system/*')

test-quick: setup ## Runs the tests that need no root, no auditd and no minutes
	$(TEST) $$(grep -rLE '$(SLOW)' --include='*.test.ts' --exclude-dir=system --exclude-dir=packaging test)

test-system: setup ## Runs the package's life on Debian 12 and 13, in virtual machines; needs root
	@$(NEED) test-system build repo
	$(NODE) test/system/prepare.ts
	$(NODE) --test --test-concurrency=4 'test/system/*.test.ts'

bench: setup ## Measures speed and memory beside laurel; needs root, as it records a log
	@$(NEED) bench build
	$(NODE) bench/main.ts

run: setup ## Runs the agent here, without root rights, and shows events as they happen
	@[ "$$(id -u)" != 0 ] || $(NEED) run || :
	@$(NODE) build/run.ts $(if $(SECONDS),--seconds $(SECONDS))

build: setup ## Makes the one binary: dist/linuxguard-agent and its other name, dist/linuxguard
	@$(NEED) build
	@$(NODE) build/binary.ts

packages: setup ## Makes the packages of all formats for amd64 and arm64, and lists of their parts: dist/packages
	@$(NEED) build packages
	@$(NODE) build/package/packages.ts

repo: setup ## Makes the signed repositories of them, KEY=FILE|FINGERPRINT APK_KEY=FILE [URL=https://…]: dist/repo
	@$(NEED) repo
	@$(NODE) build/package/repo.ts --key '$(KEY)' --apk-key '$(APK_KEY)' $(if $(URL),--url '$(URL)')

generate: setup ## Makes generated files anew
	@$(NEED) generate
	@$(NODE) build/generate.ts

clean: ## Removes what was built, run or measured
	rm -rf dist .run bench/.cache
