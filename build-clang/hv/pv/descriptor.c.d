build-clang/hv/pv/descriptor.c.o: hypervisor/pv/descriptor.c \
  hypervisor/lib/visibility.h hypervisor/pv/pv.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/abi/errno.h \
  hypervisor/cpu/descriptor.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/hypercall/table.h \
  hypervisor/lib/string.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/page.h hypervisor/mm/tlb.h hypervisor/p2m/copy.h \
  hypervisor/pv/pte_update.h

hypervisor/lib/visibility.h:

hypervisor/pv/pv.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/abi/errno.h:

hypervisor/cpu/descriptor.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/hypercall/table.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/tlb.h:

hypervisor/p2m/copy.h:

hypervisor/pv/pte_update.h:
