build-clang/hv/cpu/policy_guest.c.o: hypervisor/cpu/policy_guest.c \
  hypervisor/lib/visibility.h hypervisor/cpu/policy.h \
  hypervisor/abi/xen.h hypervisor/cpu/insn.h hypervisor/lib/types.h \
  hypervisor/abi/errno.h hypervisor/cpu/extable.h hypervisor/cpu/regs.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/mm/hvmap.h hypervisor/mm/layout.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/cpu/policy.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/cpu/extable.h:

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

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/time/time.h:
