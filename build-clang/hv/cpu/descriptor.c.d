build-clang/hv/cpu/descriptor.c.o: hypervisor/cpu/descriptor.c \
  hypervisor/lib/visibility.h hypervisor/cpu/descriptor.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/cpu/entry.h \
  hypervisor/abi/xen.h hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/regs.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/cpu/descriptor.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:
