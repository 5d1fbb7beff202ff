build-clang/hv/pv/mmuext.c.o: hypervisor/pv/mmuext.c \
  hypervisor/lib/visibility.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/console/log.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/smp.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/lib/range_set.h hypervisor/lib/string.h \
  hypervisor/mm/hvmap.h hypervisor/mm/layout.h hypervisor/mm/tlb.h \
  hypervisor/p2m/copy.h hypervisor/pv/flush.h hypervisor/pv/pv.h \
  hypervisor/pv/targets.h hypervisor/pv/type.h hypervisor/mm/page.h

hypervisor/lib/visibility.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/lib/range_set.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/tlb.h:

hypervisor/p2m/copy.h:

hypervisor/pv/flush.h:

hypervisor/pv/pv.h:

hypervisor/pv/targets.h:

hypervisor/pv/type.h:

hypervisor/mm/page.h:
