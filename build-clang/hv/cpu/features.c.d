build-clang/hv/cpu/features.c.o: hypervisor/cpu/features.c \
  hypervisor/lib/visibility.h hypervisor/cpu/features.h \
  hypervisor/cpu/extable.h hypervisor/abi/xen.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/regs.h hypervisor/lib/string.h \
  hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/cpu/features.h:

hypervisor/cpu/extable.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/lib/string.h:

hypervisor/lib/types.h:
