# SPDX-License-Identifier: Apache-2.0
# One makefile, not recursive.  `make help` lists the targets.
# Variants live side by side in build/<variant>/: release (default, also linked as build/strongroom),
# asan (ASan+UBSan), tsan, fuzz (clang, libFuzzer), coverage.

VERSION := 0.1.0
VARIANT ?= release
PREFIX ?= /usr
DESTDIR ?=
LIBEXEC := $(PREFIX)/libexec/strongroom

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# `make V=1` shows whole commands.
V ?= 0
ifeq ($(V),0)
quiet = @printf '  %-5s %s\n' '$(1)' '$@';
else
quiet =
endif

# --- compilers and flags ------------------------------------------------------------------------

CC_release := gcc
CC_asan := gcc
CC_tsan := gcc
CC_coverage := gcc
CC_fuzz := clang
COMPILER := $(CC_$(VARIANT))

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wvla -Wformat=2 -Wconversion -Wsign-conversion \
	-Wswitch-enum -Wmissing-prototypes -Wstrict-prototypes -Wundef -Wcast-qual -Wwrite-strings
HARDEN := -fstack-protector-strong -fPIE
OPT_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-clash-protection
# Sanitizers need lines, not variables: -g1.
OPT_asan := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan := -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer
OPT_coverage := -O0 -g --coverage
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Wno-gnu-statement-expression

PACKAGES := libcrypto libarchive jansson libcurl inih lmdb libargon2 libsodium libseccomp libmicrohttpd gnutls fuse3 libqrencode
PROBE_PACKAGES := libavformat libavcodec libavutil libseccomp libmagic jansson
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) $(PROBE_PACKAGES) 2>/dev/null)
# GLib's headers do not pass our warnings: they are the system's.
PDF_CFLAGS := $(patsubst -I%,-isystem%,$(shell pkg-config --cflags poppler-glib 2>/dev/null))
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lunistring -lroaring -pthread \
	-Wl,--push-state,--no-as-needed -lgcc_s -Wl,--pop-state # pthread_cancel of a process that opens nothing any more
PROBE_LIBS := $(shell pkg-config --libs $(PROBE_PACKAGES) poppler-glib 2>/dev/null)
DEFINES := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DSR_VERSION='"$(VERSION)"' -DSR_LIBEXEC='"$(LIBEXEC)"'

CFLAGS_ALL := -std=gnu11 $(WARNINGS) $(HARDEN) $(OPT_$(VARIANT)) $(DEFINES) -I. $(PKG_CFLAGS) -pthread \
	-ffile-prefix-map=$(CURDIR)=. $(CFLAGS)
LDFLAGS_ALL := -pie -Wl,-z,relro,-z,now,--as-needed $(OPT_$(VARIANT)) $(LDFLAGS)

# The tests' own code is not what is tested: compiled without optimisation, linked by the faster linker where it is there.
TEST_CFLAGS := -O0 -U_FORTIFY_SOURCE
TEST_LDFLAGS := $(if $(shell command -v ld.lld),-fuse-ld=lld)

OUT := build/$(VARIANT)

# --- sources ------------------------------------------------------------------------------------

LIB_FOLDERS := base crypto casefile archive store ledger index keeper
LIB_SRC := $(foreach f,$(LIB_FOLDERS),$(wildcard appliance/$(f)/*.c)) $(wildcard appliance/keeper/*/*.c) $(wildcard fs/*.c) $(wildcard api/*.c)
TOOL_MAIN := tools/main.c
AGE_MAIN := tools/age_tool.c
PROBE_SRC := tools/probe.c tools/probe_pdf.c tools/probe_recording.c
TOOL_SRC := $(filter-out $(TOOL_MAIN) $(AGE_MAIN) $(PROBE_SRC),$(wildcard tools/*.c))
WEB := $(shell find api/web -type f 2>/dev/null)
PACKS := $(wildcard appliance/casefile/rulebooks/*.json)
UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
HEADERS := $(shell find appliance fs api tools tests -name '*.h' 2>/dev/null)
SOURCES := $(shell find appliance fs api tools tests -name '*.c' 2>/dev/null)
SCRIPTS := .ci/run $(shell grep -rlE '^\#!/(bin/sh|usr/bin/env bash|bin/bash)' tools tests 2>/dev/null | sort)

obj = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC)) $(if $(PACKS),$(OUT)/obj/packs.o) $(OUT)/obj/web.o
TOOL_OBJ := $(call obj,$(TOOL_SRC))
UNIT_BIN := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(UNIT_SRC))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(FUZZ_SRC))
PROGRAMS := $(OUT)/strongroom $(OUT)/age-tool $(OUT)/strongroom-probe

.PHONY: all programs unit fuzzers help clean pictures check check-unit check-integration check-sanitize check-fuzz-replay \
	test soak valgrind demo lint analyze fuzz format install deb reproduce bench bench-seal bench-index bench-ledger bench-mount bench-fs bench-http bench-latency bench-room bench-report coverage FORCE

all: programs ## build build/strongroom, build/age-tool and build/strongroom-probe
	@if [ "$(VARIANT)" = release ]; then for p in $(notdir $(PROGRAMS)); do ln -sfn release/$$p build/$$p; done; fi

programs: $(PROGRAMS)

# Objects are made anew when the flags change.
$(OUT)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(COMPILER) $(subst ','\'',$(CFLAGS_ALL)) | $(TEST_CFLAGS) $(TEST_LDFLAGS) | $(subst ','\'',$(LDFLAGS_ALL)) | $(PKG_LIBS)' | \
		cmp -s - $@ || printf '%s\n' '$(COMPILER) $(subst ','\'',$(CFLAGS_ALL)) | $(TEST_CFLAGS) $(TEST_LDFLAGS) | $(subst ','\'',$(LDFLAGS_ALL)) | $(PKG_LIBS)' > $@

$(OUT)/obj/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILER) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(OUT)/obj/tests/unit/%.o: tests/unit/%.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILER) $(CFLAGS_ALL) $(TEST_CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/obj/tools/probe_pdf.o: CFLAGS_ALL += $(PDF_CFLAGS)

# The rulebook packs are part of the binary: one table of name and text.
$(OUT)/packs.c: $(PACKS) tools/embed-packs
	@mkdir -p $(@D)
	tools/embed-packs $(PACKS) > $@

$(OUT)/obj/packs.o: $(OUT)/packs.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILER) $(CFLAGS_ALL) -c $< -o $@

# So are the files of the page.
$(OUT)/web.c: $(WEB) tools/embed-web
	@mkdir -p $(@D)
	tools/embed-web api/web > $@

$(OUT)/obj/web.o: $(OUT)/web.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILER) $(CFLAGS_ALL) -c $< -o $@

$(OUT)/libstrongroom.a: $(LIB_OBJ)
	@rm -f $@
	$(call quiet,AR)ar rcs $@ $^

$(OUT)/strongroom: $(call obj,$(TOOL_MAIN)) $(TOOL_OBJ) $(OUT)/libstrongroom.a
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $^ $(PKG_LIBS) -o $@

$(OUT)/age-tool: $(call obj,$(AGE_MAIN) tools/exit_code.c) $(OUT)/libstrongroom.a
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $^ $(PKG_LIBS) -o $@

$(OUT)/strongroom-probe: $(call obj,$(PROBE_SRC)) $(OUT)/libstrongroom.a
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $^ $(PROBE_LIBS) -o $@

# An archive, so that a test has only what it uses of it.
$(OUT)/libtools.a: $(TOOL_OBJ)
	@rm -f $@
	$(call quiet,AR)ar rcs $@ $^

$(OUT)/unit/%: $(OUT)/obj/tests/unit/%.o $(OUT)/libtools.a $(OUT)/libstrongroom.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $(TEST_LDFLAGS) $^ $(PKG_LIBS) -lcmocka -o $@

ifeq ($(VARIANT),fuzz)
FUZZ_MAIN :=
FUZZ_LINK := -fsanitize=fuzzer
else
# Without libFuzzer the same targets replay files named on the command line.
FUZZ_MAIN := $(OUT)/obj/tests/fuzz/replay.o
FUZZ_LINK :=
endif
$(OUT)/fuzz/%: $(OUT)/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(OUT)/libstrongroom.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $(TEST_LDFLAGS) $(FUZZ_LINK) $^ $(PKG_LIBS) -o $@

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)

# --- tests --------------------------------------------------------------------------------------

# Kept, so that a second build has nothing to do.
.SECONDARY: $(call obj,$(UNIT_SRC) $(FUZZ_SRC))

unit: $(UNIT_BIN)
fuzzers: $(FUZZ_BIN)

# Preloaded by the soak, to set the clock of what it tests.
$(OUT)/moved-clock.so: tests/soak/moved_clock.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILER) -std=gnu11 $(WARNINGS) -O2 -fPIC -shared $< -o $@

# And for a valgrind that does not know that system call.
$(OUT)/openat2.so: tests/lint/openat2.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(COMPILER) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -fPIC -shared $< -o $@

# All that the tests of a variant need, with as many jobs as the machine has cores unless make was told how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS))$(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

check: ## unit tests and replay of the corpora; seconds, no privileges
	@tools/install-deps --check test
	@$(MAKE) $(JOBS) --no-print-directory all unit fuzzers
	@tests/run unit fuzz

check-integration: ## whole programs, end to end
	@tools/install-deps --check test
	@$(MAKE) $(JOBS) --no-print-directory all $(OUT)/moved-clock.so
	@tests/run integration

check-sanitize: ## unit tests, corpora and programs under ASan+UBSan, then TSan
	@tools/install-deps --check test
	@$(MAKE) $(JOBS) --no-print-directory VARIANT=asan all unit fuzzers
	@$(MAKE) $(JOBS) --no-print-directory VARIANT=tsan all unit
	@tests/run asan tsan

SOAK_SECONDS ?= 180
soak: ## work under faults for SOAK_SECONDS (180), SOAK_SEED repeats one; every promise judged from the outside (as root)
	@tools/install-deps --check test
	@$(MAKE) $(JOBS) --no-print-directory all $(OUT)/moved-clock.so
	@SOAK_SECONDS=$(SOAK_SECONDS) tests/integration/test-soak

valgrind: ## unit tests of the release build under memcheck
	@tools/install-deps --check test
	@$(MAKE) $(JOBS) --no-print-directory all unit $(OUT)/openat2.so
	@tests/run valgrind

# Programs of the release build that can start a thread: nothing else has races that ThreadSanitizer could find.
THREADED = $$(cd build/release/unit && for p in */test_*; do if nm -D --undefined-only $$p | grep -q ' pthread_create'; then echo tests/unit/$$p.c; fi; done)

test: ## install what the tests need, then every check; ends with "N passed, N failed"
	@tools/install-deps test
	@$(MAKE) $(JOBS) --no-print-directory all unit fuzzers $(OUT)/moved-clock.so
	@$(MAKE) $(JOBS) --no-print-directory VARIANT=asan all unit fuzzers
	@$(MAKE) $(JOBS) --no-print-directory VARIANT=tsan UNIT_SRC="$(THREADED)" all unit
	@tests/run lint unit fuzz integration asan tsan

demo: ## install what is missing, build, seal sample cases, approve, read and serve until Ctrl-C (DEMO_EXIT=1: drive it by a script, and end)
	@tools/install-deps demo$(if $(DEMO_EXIT),-exit)
	@$(MAKE) --no-print-directory all
	@tools/demo

pictures: all ## make the README's pictures anew, by a day in the browser
	@rm -rf build/pictures && mkdir -p build/pictures
	SR_PICTURES=$(CURDIR)/build/pictures SR_PARTS=approval,room,review,audit tests/integration/test-day
	@for file in docs/images/*.png; do cp "build/pictures/$${file##*/}" "$$file" || exit 1; done

lint: ## layers, symbols, headers that compile alone, format, scripts, documents
	@tools/install-deps --check test
	@$(MAKE) --no-print-directory all
	@tests/lint/run

analyze: ## gcc -fanalyzer, clang-tidy, cppcheck, shellcheck: no findings
	@tools/install-deps --check test
	@tests/lint/analyze

FUZZ_SECONDS ?= 60
fuzz: ## each fuzz target for FUZZ_SECONDS (60)
	@tools/install-deps --check test
	@$(MAKE) $(JOBS) --no-print-directory VARIANT=fuzz fuzzers
	@tests/fuzz/run $(FUZZ_SECONDS)

reproduce: ## two builds give identical bytes
	@tests/lint/reproduce

coverage: ## line coverage of appliance/ by unit and integration tests
	@tools/install-deps --check test
	@$(MAKE) $(JOBS) --no-print-directory VARIANT=coverage all unit
	@tests/lint/coverage

bench-seal: ## seal and verify beside their peers (needs some 30 GiB of disk)
	@tools/install-deps bench
	@$(MAKE) --no-print-directory all
	@tools/bench/seal

BENCH_PROGRAMS := $(OUT)/bench/bench_index $(OUT)/bench/bench_fts5
$(OUT)/bench/bench_index: $(call obj,tests/bench/bench_index.c tests/bench/archive_room.c) $(OUT)/libstrongroom.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $^ $(PKG_LIBS) -o $@
$(OUT)/bench/bench_fts5: $(call obj,tests/bench/bench_fts5.c tests/bench/archive_room.c) $(OUT)/libstrongroom.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $^ $(PKG_LIBS) -lsqlite3 -o $@

bench-index: ## search over a million cases beside SQLite FTS5
	@tools/install-deps bench
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS)
	@tools/bench/index

bench-mount: ## the mounted filesystem beside the plain folder, gocryptfs, squashfuse, archivemount (as root)
	@tools/install-deps bench
	@$(MAKE) --no-print-directory all
	@tools/bench/mount

bench-room: ## 10,000 small cases in one vault: start, verification, lists and searches
	@$(MAKE) --no-print-directory all
	@tools/bench/make-room

bench-fs: bench-mount ## the same

bench-http: ## the HTTPS server beside nginx
	@tools/install-deps bench
	@$(MAKE) --no-print-directory all
	@tools/bench/http

LEDGER_BENCH := $(OUT)/bench/bench_ledger $(OUT)/bench/bench_rows
$(OUT)/bench/bench_ledger: $(call obj,tests/bench/bench_ledger.c) $(OUT)/libstrongroom.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $^ $(PKG_LIBS) -lcmocka -o $@
$(OUT)/bench/bench_rows: $(call obj,tests/bench/bench_rows.c)
	@mkdir -p $(@D)
	$(call quiet,LINK)$(COMPILER) $(LDFLAGS_ALL) $^ -lsqlite3 -pthread -o $@

bench-ledger: ## durable openings beside fdatasync, LMDB and SQLite
	@tools/install-deps bench test
	@$(MAKE) --no-print-directory all $(LEDGER_BENCH)
	@tools/bench/ledger

bench-latency: ## openings and revocations while a case of 10,000 members is sealed
	@tools/install-deps bench
	@$(MAKE) --no-print-directory all
	@tools/bench/latency

bench: bench-seal bench-index bench-ledger bench-mount bench-latency bench-http bench-room bench-report ## all benchmarks, then their report

BENCH_FROM ?= build
bench-report: ## docs/BENCHMARKS.md and its pictures from the results in build/ (BENCH_FROM: another folder)
	@tools/bench/report --from $(BENCH_FROM)

format: ## put all C files into the house's format
	clang-format -i $(SOURCES) $(HEADERS)

# --- installation -------------------------------------------------------------------------------

deb: ## build a Debian package in build/deb
	@tools/install-deps package
	@packaging/make-deb

install: all ## install under DESTDIR
	install -D -m 755 $(OUT)/strongroom $(DESTDIR)$(PREFIX)/bin/strongroom
	install -D -m 755 $(OUT)/strongroom-probe $(DESTDIR)$(LIBEXEC)/strongroom-probe
	install -D -m 755 $(OUT)/age-tool $(DESTDIR)$(PREFIX)/bin/age-tool
	install -D -m 755 tools/strongroom-verify $(DESTDIR)$(PREFIX)/bin/strongroom-verify
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system packaging/strongroom.service packaging/strongroom.socket
	install -d -m 755 $(DESTDIR)/etc/strongroom/rulebooks
	for page in docs/man/*.[1-8]; do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done

clean: ## remove everything that was built
	rm -rf build demo

help: ## this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20
