build-clang/hv/control/domctl_settings.c.o: \
  hypervisor/control/domctl_settings.c hypervisor/lib/visibility.h \
  hypervisor/control/domctl.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/control/cpu_bitmap.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/dispatch.h \
  hypervisor/lib/string.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/page.h hypervisor/mm/pool.h hypervisor/sched/sched.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/control/domctl.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/control/cpu_bitmap.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

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

hypervisor/hypercall/dispatch.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/pool.h:

hypervisor/sched/sched.h:

hypervisor/time/time.h:
