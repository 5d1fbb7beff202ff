build-clang/hv/control/version.c.o: hypervisor/control/version.c \
  hypervisor/lib/visibility.h hypervisor/control/version.h \
  hypervisor/abi/errno.h hypervisor/abi/xen.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/policy.h hypervisor/cpu/insn.h hypervisor/lib/types.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/lib/string.h hypervisor/mm/layout.h hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/control/version.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/policy.h:

hypervisor/cpu/insn.h:

hypervisor/lib/types.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/lib/string.h:

hypervisor/mm/layout.h:

hypervisor/p2m/copy.h:
