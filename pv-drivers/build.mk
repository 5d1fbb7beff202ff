# SPDX-License-Identifier: BSD-2-Clause
# libzendo-pv, a library for small guests, its example, and kernels of tests: one kernel for PV, PVH and HVM.

PV_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-stack-protector -fno-pie -mcmodel=kernel \
  -fno-asynchronous-unwind-tables -fno-strict-aliasing -fcf-protection=none \
  -Wall -Wextra -Werror -Wmissing-prototypes -Wvla -Wframe-larger-than=1536 $(ARCH_FLAGS) -I. -Ihypervisor
PV_SOURCES := $(wildcard pv-drivers/lib/*.c pv-drivers/lib/*.S) \
  hypervisor/lib/string.c hypervisor/lib/format.c
PV_OBJECTS := $(patsubst %,$(BUILD)/pv/%.o,$(PV_SOURCES))

PV_KERNELS := $(BUILD)/pv/example $(BUILD)/pv/check $(BUILD)/pv/tiny
PV_HVM_KERNELS := $(addsuffix -hvm,$(PV_KERNELS))

$(BUILD)/pv/%.c.o: %.c | $(BUILD)/packages.build
	@mkdir -p $(@D)
	@echo "  CC $*.c"
	@$(CC) $(PV_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/pv/%.S.o: %.S | $(BUILD)/packages.build
	@mkdir -p $(@D)
	@echo "  AS $*.S"
	@$(CC) $(PV_CFLAGS) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

$(BUILD)/pv/libzendo-pv.a: $(PV_OBJECTS)
	@echo "  AR libzendo-pv.a"
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/pv/example: $(BUILD)/pv/pv-drivers/example/example.c.o
$(BUILD)/pv/check: $(BUILD)/pv/pv-drivers/test/check.c.o
$(BUILD)/pv/tiny: $(BUILD)/pv/dom0/guest/tiny.c.o
$(BUILD)/pv/tiny: PV_LDFLAGS := --defsym pv_pool_pages=16
$(PV_KERNELS): $(BUILD)/pv/libzendo-pv.a pv-drivers/lib/image.lds
	@echo "  LD $(@F)"
	@$(LD) -static -nostdlib -z noexecstack -z max-page-size=4096 --build-id=none --no-warn-rwx-segments \
	  -u pv_entry $(PV_LDFLAGS) -T pv-drivers/lib/image.lds -o $@ $(filter %.o,$^) $(filter %.a,$^)

# The same in the format that QEMU for i386, the device model of HVM guests, takes.
$(BUILD)/pv/%-hvm: $(BUILD)/pv/%
	@$(OBJCOPY) -O elf32-i386 $< $@

-include $(wildcard $(BUILD)/pv/*/*.d $(BUILD)/pv/*/*/*.d)

pv-drivers: $(BUILD)/pv/libzendo-pv.a $(PV_KERNELS) $(PV_HVM_KERNELS) ## the library for small guests and its example
.PHONY: pv-drivers
