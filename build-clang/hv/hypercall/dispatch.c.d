build-clang/hv/hypercall/dispatch.c.o: hypervisor/hypercall/dispatch.c \
  hypervisor/lib/visibility.h hypervisor/hypercall/dispatch.h \
  hypervisor/cpu/percpu.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/abi/errno.h hypervisor/hypercall/table.h \
  hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/hypercall/dispatch.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/abi/xen.h:

hypervisor/domain/vcpu.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

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

hypervisor/abi/errno.h:

hypervisor/hypercall/table.h:

hypervisor/p2m/copy.h:
