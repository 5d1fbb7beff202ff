build-clang/hv/control/domctl_vcpu.c.o: hypervisor/control/domctl_vcpu.c \
  hypervisor/lib/visibility.h hypervisor/control/domctl.h \
  hypervisor/abi/xen.h hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/control/cpu_bitmap.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/cpu/percpu.h hypervisor/cpu/smp.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/domain/kind.h \
  hypervisor/mm/pool.h hypervisor/p2m/copy.h hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/control/domctl.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/control/cpu_bitmap.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/domain/kind.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:

hypervisor/sched/sched.h:
