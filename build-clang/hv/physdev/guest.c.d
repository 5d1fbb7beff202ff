build-clang/hv/physdev/guest.c.o: hypervisor/physdev/guest.c \
  hypervisor/lib/visibility.h hypervisor/physdev/pirq.h \
  hypervisor/lib/list.h hypervisor/lib/types.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/event/event.h hypervisor/irq/irq.h hypervisor/irq/line.h \
  hypervisor/irq/vector.h hypervisor/lib/index.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/mm/page.h hypervisor/mm/pool.h \
  hypervisor/p2m/gfn.h hypervisor/physdev/map.h

hypervisor/lib/visibility.h:

hypervisor/physdev/pirq.h:

hypervisor/lib/list.h:

hypervisor/lib/types.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/event/event.h:

hypervisor/irq/irq.h:

hypervisor/irq/line.h:

hypervisor/irq/vector.h:

hypervisor/lib/index.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/pool.h:

hypervisor/p2m/gfn.h:

hypervisor/physdev/map.h:
