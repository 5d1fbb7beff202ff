build-clang/hv/pv/pte_update.c.o: hypervisor/pv/pte_update.c \
  hypervisor/lib/visibility.h hypervisor/pv/pte_update.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/mm/page.h \
  hypervisor/abi/xen.h hypervisor/mm/layout.h hypervisor/abi/errno.h \
  hypervisor/cpu/insn.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/mm/hvmap.h hypervisor/mm/page_word.h hypervisor/mm/tlb.h \
  hypervisor/pv/entry_ref.h hypervisor/pv/pv.h hypervisor/pv/type.h

hypervisor/lib/visibility.h:

hypervisor/pv/pte_update.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/mm/page.h:

hypervisor/abi/xen.h:

hypervisor/mm/layout.h:

hypervisor/abi/errno.h:

hypervisor/cpu/insn.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/page_word.h:

hypervisor/mm/tlb.h:

hypervisor/pv/entry_ref.h:

hypervisor/pv/pv.h:

hypervisor/pv/type.h:
