build-clang/hv/domain/page_hooks.c.o: hypervisor/domain/page_hooks.c \
  hypervisor/lib/visibility.h hypervisor/mm/page_hooks.h \
  hypervisor/lib/types.h hypervisor/mm/page.h hypervisor/abi/xen.h \
  hypervisor/mm/frame.h hypervisor/mm/layout.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/mm/tlb.h \
  hypervisor/sched/softirq.h

hypervisor/lib/visibility.h:

hypervisor/mm/page_hooks.h:

hypervisor/lib/types.h:

hypervisor/mm/page.h:

hypervisor/abi/xen.h:

hypervisor/mm/frame.h:

hypervisor/mm/layout.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/mm/tlb.h:

hypervisor/sched/softirq.h:
