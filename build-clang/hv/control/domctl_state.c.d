build-clang/hv/control/domctl_state.c.o: \
  hypervisor/control/domctl_state.c hypervisor/lib/visibility.h \
  hypervisor/control/domctl.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/control/xstate_record.h hypervisor/cpu/features.h \
  hypervisor/cpu/policy.h hypervisor/cpu/insn.h hypervisor/cpu/regs.h \
  hypervisor/cpu/xstate.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/lib/string.h hypervisor/mm/page.h hypervisor/mm/layout.h \
  hypervisor/mm/page_word.h hypervisor/mm/pool.h hypervisor/p2m/copy.h \
  hypervisor/pv/pv.h

hypervisor/lib/visibility.h:

hypervisor/control/domctl.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/control/xstate_record.h:

hypervisor/cpu/features.h:

hypervisor/cpu/policy.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/regs.h:

hypervisor/cpu/xstate.h:

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

hypervisor/sync/lock_order.h:

hypervisor/hypercall/hypercall.h:

hypervisor/lib/string.h:

hypervisor/mm/page.h:

hypervisor/mm/layout.h:

hypervisor/mm/page_word.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:

hypervisor/pv/pv.h:
