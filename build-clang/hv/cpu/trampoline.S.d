build-clang/hv/cpu/trampoline.S.o: hypervisor/cpu/trampoline.S \
  hypervisor/lib/visibility.h hypervisor/cpu/regs.h

hypervisor/lib/visibility.h:

hypervisor/cpu/regs.h:
