build-clang/hv/insn/execute.c.o: hypervisor/insn/execute.c \
  hypervisor/lib/visibility.h hypervisor/insn/execute.h \
  hypervisor/abi/xen.h hypervisor/insn/decode.h hypervisor/lib/types.h \
  hypervisor/lib/bits.h

hypervisor/lib/visibility.h:

hypervisor/insn/execute.h:

hypervisor/abi/xen.h:

hypervisor/insn/decode.h:

hypervisor/lib/types.h:

hypervisor/lib/bits.h:
