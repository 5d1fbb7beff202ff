build-clang/hv/pv/pt_write.c.o: hypervisor/pv/pt_write.c \
  hypervisor/lib/visibility.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/console/log.h hypervisor/cpu/regs.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/insn/decode.h \
  hypervisor/insn/execute.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/p2m/copy.h hypervisor/pv/bounce.h \
  hypervisor/pv/pte_update.h hypervisor/mm/page.h hypervisor/pv/pv.h \
  hypervisor/pv/type.h

hypervisor/lib/visibility.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/console/log.h:

hypervisor/cpu/regs.h:

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

hypervisor/insn/decode.h:

hypervisor/insn/execute.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/p2m/copy.h:

hypervisor/pv/bounce.h:

hypervisor/pv/pte_update.h:

hypervisor/mm/page.h:

hypervisor/pv/pv.h:

hypervisor/pv/type.h:
