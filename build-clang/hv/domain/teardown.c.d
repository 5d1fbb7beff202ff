build-clang/hv/domain/teardown.c.o: hypervisor/domain/teardown.c \
  hypervisor/lib/visibility.h hypervisor/domain/teardown.h \
  hypervisor/abi/errno.h hypervisor/abi/xen.h hypervisor/console/log.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/domain/kind.h \
  hypervisor/domain/shared.h hypervisor/event/event.h \
  hypervisor/grant/grant.h hypervisor/hypercall/hypercall.h \
  hypervisor/irq/irq.h hypervisor/mm/heap.h hypervisor/mm/page.h \
  hypervisor/mm/layout.h

hypervisor/lib/visibility.h:

hypervisor/domain/teardown.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/console/log.h:

hypervisor/domain/domain.h:

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

hypervisor/domain/kind.h:

hypervisor/domain/shared.h:

hypervisor/event/event.h:

hypervisor/grant/grant.h:

hypervisor/hypercall/hypercall.h:

hypervisor/irq/irq.h:

hypervisor/mm/heap.h:

hypervisor/mm/page.h:

hypervisor/mm/layout.h:
