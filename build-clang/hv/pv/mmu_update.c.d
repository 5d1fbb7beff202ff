build-clang/hv/pv/mmu_update.c.o: hypervisor/pv/mmu_update.c \
  hypervisor/lib/visibility.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/console/log.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/hypercall/table.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/p2m/copy.h hypervisor/p2m/m2p.h \
  hypervisor/pv/pte_update.h hypervisor/mm/page.h hypervisor/pv/pv.h \
  hypervisor/pv/targets.h hypervisor/pv/type.h

hypervisor/lib/visibility.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/console/log.h:

hypervisor/cpu/percpu.h:

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

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/p2m/copy.h:

hypervisor/p2m/m2p.h:

hypervisor/pv/pte_update.h:

hypervisor/mm/page.h:

hypervisor/pv/pv.h:

hypervisor/pv/targets.h:

hypervisor/pv/type.h:
