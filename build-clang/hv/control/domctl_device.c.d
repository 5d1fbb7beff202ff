build-clang/hv/control/domctl_device.c.o: \
  hypervisor/control/domctl_device.c hypervisor/lib/visibility.h \
  hypervisor/control/domctl.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/range_set.h \
  hypervisor/pv/pv.h

hypervisor/lib/visibility.h:

hypervisor/control/domctl.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

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

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/lib/range_set.h:

hypervisor/pv/pv.h:
