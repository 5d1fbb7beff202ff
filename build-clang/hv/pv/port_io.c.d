build-clang/hv/pv/port_io.c.o: hypervisor/pv/port_io.c \
  hypervisor/lib/visibility.h hypervisor/pv/port_io.h \
  hypervisor/cpu/insn.h hypervisor/domain/domain.h hypervisor/abi/xen.h \
  hypervisor/domain/vcpu.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/abi/errno.h hypervisor/lib/range_set.h \
  hypervisor/p2m/copy.h hypervisor/physdev/physdev.h \
  hypervisor/pv/privileged.h hypervisor/pv/pv.h \
  hypervisor/pv/port_hooks.h

hypervisor/lib/visibility.h:

hypervisor/pv/port_io.h:

hypervisor/cpu/insn.h:

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

hypervisor/sync/lock_order.h:

hypervisor/hypercall/hypercall.h:

hypervisor/abi/errno.h:

hypervisor/lib/range_set.h:

hypervisor/p2m/copy.h:

hypervisor/physdev/physdev.h:

hypervisor/pv/privileged.h:

hypervisor/pv/pv.h:

hypervisor/pv/port_hooks.h:
