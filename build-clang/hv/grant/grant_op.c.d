build-clang/hv/grant/grant_op.c.o: hypervisor/grant/grant_op.c \
  hypervisor/lib/visibility.h hypervisor/grant/grant.h \
  hypervisor/abi/xen.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/grant/table.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/hypercall/table.h hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/grant/grant.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

hypervisor/grant/table.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/p2m/copy.h:
