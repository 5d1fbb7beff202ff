build-clang/hv/cpu/policy_features.c.o: hypervisor/cpu/policy_features.c \
  hypervisor/lib/visibility.h hypervisor/cpu/policy.h \
  hypervisor/abi/xen.h hypervisor/cpu/insn.h hypervisor/lib/types.h \
  hypervisor/lib/bits.h hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/cpu/policy.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/lib/types.h:

hypervisor/lib/bits.h:

hypervisor/lib/string.h:
