build-clang/hv/cpu/xstate.c.o: hypervisor/cpu/xstate.c \
  hypervisor/lib/visibility.h hypervisor/cpu/xstate.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/string.h hypervisor/mm/pool.h

hypervisor/lib/visibility.h:

hypervisor/cpu/xstate.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/domain/vcpu.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/string.h:

hypervisor/mm/pool.h:
