build-clang/hv/cpu/policy_leaves.c.o: hypervisor/cpu/policy_leaves.c \
  hypervisor/lib/visibility.h hypervisor/cpu/policy.h \
  hypervisor/abi/xen.h hypervisor/cpu/insn.h hypervisor/lib/types.h \
  hypervisor/abi/errno.h hypervisor/lib/bits.h

hypervisor/lib/visibility.h:

hypervisor/cpu/policy.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/lib/bits.h:
