build-clang/hv/pv/iret.c.o: hypervisor/pv/iret.c \
  hypervisor/lib/visibility.h hypervisor/pv/kind.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/regs.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/table.h \
  hypervisor/p2m/copy.h hypervisor/pv/bounce.h hypervisor/pv/pv.h \
  hypervisor/sched/softirq.h

hypervisor/lib/visibility.h:

hypervisor/pv/kind.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

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

hypervisor/hypercall/table.h:

hypervisor/p2m/copy.h:

hypervisor/pv/bounce.h:

hypervisor/pv/pv.h:

hypervisor/sched/softirq.h:
