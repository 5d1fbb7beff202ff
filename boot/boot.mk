# SPDX-License-Identifier: BSD-2-Clause
# The loaders: build/zendo.mb2 and build/zendo.efi from build/zendo.elf. Included by the Makefile.
#
# Uses CC, LD and OBJCOPY, BUILD (where results go); needs the packages of boot/packages.txt.
# PAYLOAD may name another ELF file to carry (the loaders' own tests do), LOADERS a place for it.

PAYLOAD ?= $(BUILD)/zendo.elf
LOADERS ?= $(BUILD)
boot_dir := $(LOADERS)/boot
# Looked for when used, not when read: `make` may install the packages in between.
boot_lib = $(firstword $(wildcard /usr/lib/x86_64-linux-gnu /usr/lib64 /usr/lib))

# Freestanding code with SSE (the libraries use it too). No red zone: the firmware's interrupts run
# on our stack. Position independent: both loaders are put wherever there is room.
boot_cflags := -std=gnu17 -O2 -g -Wall -Wextra -Werror -ffreestanding -fpie -mno-red-zone \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -fvisibility=hidden \
	-I. -MMD -MP
boot_efi_cflags := -I/usr/include/efi -I/usr/include/efi/x86_64

boot_common := $(patsubst %,$(boot_dir)/common/%.o,\
	memmap kernel unpack xz libc image tables launch launch_jump efi_map config payload)
boot_mb2 := $(patsubst %,$(boot_dir)/multiboot2/%.o,entry32 relocate main tags console)
boot_efi := $(patsubst %,$(boot_dir)/efi/%.o,main options files sections firmware video)
boot_crt = $(firstword $(wildcard $(addsuffix /crt0-efi-x86_64.o,/usr/lib /usr/lib/x86_64-linux-gnu)))
boot_libs = $(patsubst %,$(boot_lib)/lib%.a,z lz4 zstd)

$(boot_dir)/%.o: boot/%.c
	@mkdir -p $(@D)
	@echo "  CC boot/$*.c"
	@$(CC) $(boot_cflags) $(boot_efi_cflags) -c $< -o $@

$(boot_dir)/%.o: boot/%.S
	@mkdir -p $(@D)
	@echo "  AS boot/$*.S"
	@$(CC) $(boot_cflags) -I$(boot_dir) -Wa,-I$(boot_dir) -c $< -o $@

# UEFI strings are 16-bit; its functions are called by Microsoft's convention.
$(boot_efi): boot_cflags += -fshort-wchar -DGNU_EFI_USE_MS_ABI

# gcc and clang recognise the loops of memset and friends as calls of memset and friends.
$(boot_dir)/common/libc.o: boot_cflags += -fno-builtin \
	$(if $(findstring clang,$(CC)),,-fno-tree-loop-distribute-patterns)

$(boot_dir)/zendo.stripped: $(PAYLOAD)
	@mkdir -p $(@D)
	@$(OBJCOPY) --strip-debug $< $@

$(boot_dir)/common/payload.o: $(boot_dir)/zendo.stripped

$(LOADERS)/zendo.mb2: $(boot_mb2) $(boot_common) boot/multiboot2/loader.lds
	@echo "  LD $(@F)"
	@$(LD) -pie --no-dynamic-linker -z norelro -z max-page-size=4096 -z noexecstack \
		--no-warn-rwx-segments --gc-sections -T boot/multiboot2/loader.lds -o $@.debug \
		$(boot_mb2) $(boot_common) $(boot_libs)
	@$(OBJCOPY) --strip-all $@.debug $@

$(LOADERS)/zendo.efi: $(boot_efi) $(boot_common) boot/efi/loader.lds
	@echo "  LD $(@F)"
	@$(LD) -pie --no-dynamic-linker -Bsymbolic -z norelro -z max-page-size=4096 -z noexecstack \
		--no-warn-rwx-segments --gc-sections -T boot/efi/loader.lds -o $@.debug \
		$(boot_crt) $(boot_efi) $(boot_common) $(boot_libs) -L$(dir $(boot_crt)) -lgnuefi
	@$(OBJCOPY) -j .text -j .reloc -j .data -j .dynamic -j .rela \
		--target efi-app-x86_64 --subsystem 10 $@.debug $@

-include $(wildcard $(boot_dir)/*/*.d)

# The loaders carrying the tests' payload instead of the hypervisor: tests/system/loaders.sh.
loaders-test: $(BUILD)/loaders/payload.elf
	@$(MAKE) --no-print-directory PAYLOAD=$(BUILD)/loaders/payload.elf LOADERS=$(BUILD)/loaders \
		$(BUILD)/loaders/zendo.mb2 $(BUILD)/loaders/zendo.efi

$(BUILD)/loaders/payload.elf: tests/system/payload/payload.c tests/system/payload/payload.lds \
		boot/handover.h
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -O2 -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fpie \
		-mgeneral-regs-only -mno-red-zone -fcf-protection=none -fno-builtin \
		-fno-asynchronous-unwind-tables -I. -c $< -o $(@D)/payload.o
	@$(LD) -static -nostdlib -z noexecstack -z max-page-size=4096 --no-warn-rwx-segments \
		-T tests/system/payload/payload.lds -o $@ $(@D)/payload.o

.PHONY: loaders-test
