build-clang/hv/pv/trap.c.o: hypervisor/pv/trap.c \
  hypervisor/lib/visibility.h hypervisor/cpu/entry.h \
  hypervisor/abi/xen.h hypervisor/cpu/exit_work.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/cpu/regs.h \
  hypervisor/domain/domain.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/lib/list.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/dispatch.h \
  hypervisor/mm/layout.h hypervisor/pv/bounce.h \
  hypervisor/pv/privileged.h hypervisor/pv/pv.h

hypervisor/lib/visibility.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/exit_work.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/vcpu.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/cpu/regs.h:

hypervisor/domain/domain.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/hypercall/dispatch.h:

hypervisor/mm/layout.h:

hypervisor/pv/bounce.h:

hypervisor/pv/privileged.h:

hypervisor/pv/pv.h:
