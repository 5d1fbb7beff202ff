build-clang/hv/cpu/topology.c.o: hypervisor/cpu/topology.c \
  hypervisor/lib/visibility.h hypervisor/cpu/topology.h \
  hypervisor/cpu/policy.h hypervisor/abi/xen.h hypervisor/cpu/insn.h \
  hypervisor/lib/types.h hypervisor/lib/bits.h

hypervisor/lib/visibility.h:

hypervisor/cpu/topology.h:

hypervisor/cpu/policy.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/lib/types.h:

hypervisor/lib/bits.h:
