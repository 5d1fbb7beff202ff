# Zendo: plain `make` builds build/zendo.efi, build/zendo.mb2 and build/zendo.elf; `make help` lists the rest.
# SPDX-License-Identifier: BSD-2-Clause

BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
LD := ld
OBJCOPY ?= objcopy
NM ?= nm
PYTHON ?= python3

.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

ARCH_FLAGS := -m64 -march=x86-64 -mno-red-zone -mgeneral-regs-only -mno-80387
HV_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-stack-protector -fpie -fvisibility=hidden \
  -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-common -fno-jump-tables \
  -fno-omit-frame-pointer -fcf-protection=none -ftrivial-auto-var-init=zero \
  -Wall -Wextra -Werror -Wmissing-prototypes -Wvla -Wframe-larger-than=1536 \
  $(ARCH_FLAGS) -Ihypervisor -I. -I$(BUILD)/include -include hypervisor/lib/visibility.h
# A checked build (make checked) looks at every lock; its headers stand in front of the empty ones.
HV_CHECKED := $(if $(CHECKED),checked/lock_check.c)
HV_CFLAGS := $(if $(CHECKED),-Ihypervisor/checked) $(HV_CFLAGS)
# clang 14 wants to be told that we know
ifneq ($(findstring clang,$(CC)),)
HV_CFLAGS += -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
endif
HV_VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

HV_SOURCES := $(shell sed -e 's/#.*//' -e '/^ *$$/d' hypervisor/tour.txt) $(HV_CHECKED)
HV_OBJECTS := $(patsubst %,$(BUILD)/hv/%.o,$(HV_SOURCES))

all: $(BUILD)/zendo.elf $(BUILD)/zendo.mb2 $(BUILD)/zendo.efi ## build the three images

help: ## this list
	@awk -F ':.*##' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Packages first, once per change of the lists: commands below need what they name.
$(BUILD)/packages.build: build-packages.txt boot/packages.txt
	@mkdir -p $(@D)
	@./packages.sh $^
	@touch $@
$(BUILD)/packages.all: build-packages.txt boot/packages.txt dom0/packages.txt image/packages.txt \
  pv-drivers/backends/packages.txt tests/packages.txt
	@mkdir -p $(@D)
	@./packages.sh $^
	@touch $@

$(BUILD)/packages.bench: bench/packages.txt $(BUILD)/packages.all
	@./packages.sh $<
	@touch $@

$(BUILD)/packages.image: build-packages.txt boot/packages.txt dom0/packages.txt image/packages.txt
	@mkdir -p $(@D)
	@./packages.sh $^
	@touch $@

$(BUILD)/include/asm_offsets.h: hypervisor/cpu/asm_offsets.c $(wildcard hypervisor/*/*.h) | $(BUILD)/packages.build
	@mkdir -p $(@D)
	@$(CC) $(HV_CFLAGS) -S -o $(BUILD)/asm_offsets.s $<
	@sed -n 's/^.*# OFFSET \([A-Z0-9_]*\) \$$*\([-0-9]*\).*/#define \1 \2/p' $(BUILD)/asm_offsets.s >$@

$(BUILD)/include/compat_layout.h: hypervisor/abi/compat_offsets.c hypervisor/abi/compat_list.h | $(BUILD)/packages.build
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -O2 -m32 -ffreestanding -Wall -Wextra -Werror -Ihypervisor -S -o $(BUILD)/compat_offsets.s $<
	@sed -n 's/^.*# NUMBER \([A-Za-z0-9_]*\) \$$*\([-0-9]*\).*/#define \1 \2/p' $(BUILD)/compat_offsets.s >$@

# The shortest paths do without frame pointers: each would cost more than some hypercalls.
HOT := hypercall/dispatch hypercall/multicall control/version cpu/exception cpu/exit_work \
  cpu/policy_leaves cpu/policy_guest p2m/copy mm/page mm/tlb \
  grant/copy grant/entry grant/map grant/maptrack grant/grant_op p2m/gfn \
  event/event_op event/deliver event/two_level insn/decode insn/execute insn/alu \
  pv/trap pv/bounce pv/iret pv/privileged pv/address_space pv/mmu_update pv/va_mapping pv/mmuext \
  pv/pte_update pv/entry_ref hvm/domain hvm/exit hvm/msr hvm/svm/exit hvm/svm/vmcb \
  hvm/vmx/exit hvm/vmx/intr hypercall/compat cpu/xstate cpu/policy \
  hvm/dev/vlapic hvm/dev/vlapic_ipi hvm/inject hvm/board pv/grant_map pv/pt_write
$(patsubst %,$(BUILD)/hv/%.c.o,$(HOT)): HV_CFLAGS += -fomit-frame-pointer

$(BUILD)/hv/%.c.o: hypervisor/%.c $(BUILD)/include/asm_offsets.h $(BUILD)/include/compat_layout.h
	@mkdir -p $(@D)
	@echo "  CC $*.c"
	@$(CC) $(HV_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/hv/%.S.o: hypervisor/%.S $(BUILD)/include/asm_offsets.h
	@mkdir -p $(@D)
	@echo "  AS $*.S"
	@$(CC) $(HV_CFLAGS) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

$(BUILD)/hv/version.c: FORCE
	@mkdir -p $(@D)
	@echo 'const char zendo_version[] = "$(HV_VERSION)"; const char zendo_compiler[] = "$(shell $(CC) --version | head -1)";' >$@.new
	@cmp -s $@.new $@ || mv $@.new $@
	@rm -f $@.new

$(BUILD)/hv/version.o: $(BUILD)/hv/version.c
	@$(CC) -std=gnu17 -O2 -ffreestanding -fpie -c -o $@ $<

$(BUILD)/hv/font.o: hypervisor/console/font.py
	@mkdir -p $(@D)
	@$(PYTHON) $< /usr/share/grub/ascii.pf2 $(BUILD)/hv/font.c
	@$(CC) -std=gnu17 -O2 -ffreestanding -fpie -Ihypervisor -c -o $@ $(BUILD)/hv/font.c

$(BUILD)/zendo.elf: $(HV_OBJECTS) $(BUILD)/hv/version.o $(BUILD)/hv/font.o hypervisor/hypervisor.lds hypervisor/tour.txt
	@echo "  LD zendo.elf"
	@$(LD) -static -nostdlib --no-dynamic-linker -z noexecstack -z max-page-size=4096 --build-id=sha1 \
	  -T hypervisor/hypervisor.lds -o $@ $(HV_OBJECTS) $(BUILD)/hv/version.o $(BUILD)/hv/font.o

-include $(patsubst %,$(BUILD)/hv/%.d,$(basename $(HV_SOURCES)))
-include $(wildcard $(BUILD)/hv/*/*.d $(BUILD)/hv/*/*/*.d)
-include boot/boot.mk
-include pv-drivers/build.mk
-include tests/tests.mk
-include pv-drivers/backends/backends.mk
-include bench/bench.mk

checked: $(BUILD)/packages.all ## the images with every lock checked, in build/checked
	@$(MAKE) -s BUILD=build/checked CHECKED=1 build/checked/zendo.mb2 build/checked/zendo.efi

deb: $(BUILD)/zendo.mb2 $(BUILD)/zendo.efi $(BUILD)/oplist ## the Debian package, build/zendo-hypervisor_*.deb
	@packaging/deb.sh $(BUILD)

image: $(BUILD)/packages.image deb ## disk image and live system of the appliance, build/zendo-appliance.*
	@image/build.sh $(BUILD) $(IMAGES)

# What was asked for goes on: QUICK=1 PEER=xen|none ONLY=PATTERNS BASELINE=FILE REGRESSION=PERCENT MINUTES=N
bench-options = $(if $(QUICK),--quick) $(if $(PEER),--peer '$(PEER)') $(if $(ONLY),--only '$(ONLY)') \
  $(if $(BASELINE),--baseline '$(BASELINE)') $(if $(REGRESSION),--regression '$(REGRESSION)') \
  $(if $(MINUTES),--minutes '$(MINUTES)')
# (Debian's own Python sees Debian's packages)
bench-python := /usr/bin/python3
bench: $(BUILD)/packages.bench all ## what guests cost, beside Xen: build/bench/report.html (docs/bench.md)
	@$(bench-python) -B -m bench $(bench-options)
bench-docs: $(BUILD)/packages.all ## take the figures of make bench into docs/performance.md
	@$(bench-python) -B -m bench --docs

run: ## install what is missing, build, boot the appliance in QEMU
	@dom0/run.sh

clean: ## remove what was built (not what was downloaded)
	rm -rf $(BUILD)/hv $(BUILD)/include $(BUILD)/zendo.* $(BUILD)/boot $(BUILD)/checked

FORCE:
.PHONY: all help checked deb image bench bench-docs run clean FORCE
