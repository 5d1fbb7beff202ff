build-clang/hv/cpu/entry.S.o: hypervisor/cpu/entry.S \
  hypervisor/lib/visibility.h build-clang/include/asm_offsets.h \
  hypervisor/cpu/regs.h

hypervisor/lib/visibility.h:

build-clang/include/asm_offsets.h:

hypervisor/cpu/regs.h:
