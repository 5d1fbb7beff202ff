build-clang/hv/pv/type.c.o: hypervisor/pv/type.c \
  hypervisor/lib/visibility.h hypervisor/pv/type.h \
  hypervisor/domain/vcpu.h hypervisor/abi/xen.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h hypervisor/mm/page.h \
  hypervisor/mm/layout.h hypervisor/pv/pv.h hypervisor/sync/spinlock.h \
  hypervisor/cpu/insn.h hypervisor/sync/lock_order.h \
  hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/debug/panic.h hypervisor/domain/domain.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/hypercall/hypercall.h hypervisor/lib/string.h \
  hypervisor/mm/hvmap.h hypervisor/mm/page_hooks.h \
  hypervisor/mm/page_word.h hypervisor/mm/tlb.h \
  hypervisor/pv/entry_ref.h

hypervisor/lib/visibility.h:

hypervisor/pv/type.h:

hypervisor/domain/vcpu.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/mm/page.h:

hypervisor/mm/layout.h:

hypervisor/pv/pv.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

hypervisor/debug/panic.h:

hypervisor/domain/domain.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/hypercall/hypercall.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/page_hooks.h:

hypervisor/mm/page_word.h:

hypervisor/mm/tlb.h:

hypervisor/pv/entry_ref.h:
