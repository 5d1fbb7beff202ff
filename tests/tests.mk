# SPDX-License-Identifier: BSD-2-Clause
# Host tests: unit programs with gcc and clang, fuzzers, lints; and the runner of all test layers.
#
# tests/unit/NAME.c and tests/fuzz/NAME.c are one program each. Comments in their first lines say
#   /* sources: hypervisor/lib/x.c ... */   what they link with, relative to the top folder
#   /* cflags: -DX ... */                   further compiler flags
#   /* libs: -lz ... */                     further libraries

host-programs := $(sort $(wildcard tests/unit/*.c tests/fuzz/*.c))
host-flags := -std=gnu17 -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer

# After a program's own flags, so that -Itests/unit/fake there shadows hardware headers.
host-includes := -I. -Ihypervisor -Ibuild/include

unit-flags := $(host-flags) -fsanitize=address,undefined -fno-sanitize-recover=all
fuzz-flags := $(host-flags) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz-runs ?= 2000000

unit-stems := $(patsubst tests/unit/%.c,%,$(filter tests/unit/%,$(host-programs)))
fuzz-stems := $(patsubst tests/fuzz/%.c,%,$(filter tests/fuzz/%,$(host-programs)))
unit-programs := $(foreach c,gcc clang,$(addprefix build/unit-$(c)/,$(unit-stems)))
fuzz-programs := $(addprefix build/fuzz/,$(fuzz-stems))

# One make variable each per program and keyword: host-sources-tests/unit/NAME.c and so on.
build/host-programs.mk: $(host-programs) tests/host_programs.awk
	@mkdir -p $(@D)
	@awk -f tests/host_programs.awk $(host-programs) /dev/null > $@
-include build/host-programs.mk

define host-program # 1 program  2 test source  3 compiler and flags
$(1): $(2) $$(host-sources-$(2)) tests/tests.mk build/host-programs.mk | build/include/compat_layout.h
	@mkdir -p $$(@D)
	@$(3) $$(host-cflags-$(2)) $$(host-includes) -MM -MP -MT $$@ $(2) $$(host-sources-$(2)) > $$@.d
	@printf '%s:\n' $(2) $$(host-sources-$(2)) >> $$@.d # one that is gone is no error: the list says what is needed
	@$(3) $$(host-cflags-$(2)) $$(host-includes) $(2) $$(host-sources-$(2)) $$(host-libs-$(2)) -o $$@
-include $(1).d
endef
$(foreach s,$(unit-stems),$(eval $(call host-program,build/unit-gcc/$(s),tests/unit/$(s).c,gcc $(unit-flags))))
$(foreach s,$(unit-stems),$(eval $(call host-program,build/unit-clang/$(s),tests/unit/$(s).c,clang $(unit-flags))))
$(foreach s,$(fuzz-stems),$(eval $(call host-program,build/fuzz/$(s),tests/fuzz/$(s).c,clang $(fuzz-flags))))

.PHONY: unit unit-programs fuzz fuzz-programs lint test test-quick test-all format wrap
unit-programs: $(unit-programs)
fuzz-programs: $(fuzz-programs)

unit: $(BUILD)/packages.all ## unit tests on the host
	@python3 tests/run.py unit
fuzz: $(BUILD)/packages.all ## every fuzzer for fuzz-runs=N inputs
	@python3 tests/run.py --fuzz-runs $(fuzz-runs) fuzz
lint: $(BUILD)/packages.all $(BUILD)/include/asm_offsets.h ## layering, sizes, names, headers, ABI layouts
	@python3 tests/run.py lint
test: $(BUILD)/packages.all all ## every layer of tests, in bounded time
	@python3 tests/run.py
test-quick: $(BUILD)/packages.all $(BUILD)/include/asm_offsets.h ## lint, unit and fuzz only
	@python3 tests/run.py --quick
test-all: $(BUILD)/packages.all all ## every layer with its long matrix
	@python3 tests/run.py --all

format: ## lay out all C sources as .clang-format says
	@clang-format -i $$(git ls-files 'hypervisor/*.[ch]' 'boot/*.[ch]' 'pv-drivers/*.[ch]' 'tests/*.[ch]')

wrap: ## break only the lines of C that are over 100 columns
	@python3 tests/lint/wrap.py
