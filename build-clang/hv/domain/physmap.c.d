build-clang/hv/domain/physmap.c.o: hypervisor/domain/physmap.c \
  hypervisor/lib/visibility.h hypervisor/domain/memory.h \
  hypervisor/abi/xen.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/domain/domain.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/grant/grant.h \
  hypervisor/hypercall/hypercall.h hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/domain/memory.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/grant/grant.h:

hypervisor/hypercall/hypercall.h:

hypervisor/p2m/copy.h:
