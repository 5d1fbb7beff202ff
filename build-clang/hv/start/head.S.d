build-clang/hv/start/head.S.o: hypervisor/start/head.S \
  hypervisor/lib/visibility.h hypervisor/cpu/regs.h

hypervisor/lib/visibility.h:

hypervisor/cpu/regs.h:
