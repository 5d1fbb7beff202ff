build-clang/hv/pv/privileged.c.o: hypervisor/pv/privileged.c \
  hypervisor/lib/visibility.h hypervisor/pv/privileged.h \
  hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/cpu/policy.h hypervisor/abi/xen.h hypervisor/lib/types.h \
  hypervisor/cpu/regs.h hypervisor/cpu/xstate.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/lib/string.h hypervisor/p2m/copy.h hypervisor/pv/bounce.h \
  hypervisor/pv/port_io.h hypervisor/pv/pv.h hypervisor/sched/sched.h

hypervisor/lib/visibility.h:

hypervisor/pv/privileged.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/policy.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

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

hypervisor/lib/string.h:

hypervisor/p2m/copy.h:

hypervisor/pv/bounce.h:

hypervisor/pv/port_io.h:

hypervisor/pv/pv.h:

hypervisor/sched/sched.h:
