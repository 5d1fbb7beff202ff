build-clang/hv/control/domctl_life.c.o: hypervisor/control/domctl_life.c \
  hypervisor/lib/visibility.h hypervisor/control/domctl.h \
  hypervisor/abi/xen.h hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/cpu/features.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/lib/string.h hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/control/domctl.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/cpu/features.h:

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

hypervisor/hypercall/hypercall.h:

hypervisor/lib/string.h:

hypervisor/sched/sched.h:
