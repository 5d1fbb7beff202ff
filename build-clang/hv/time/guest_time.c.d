build-clang/hv/time/guest_time.c.o: hypervisor/time/guest_time.c \
  hypervisor/lib/visibility.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/event/event.h hypervisor/hypercall/table.h \
  hypervisor/p2m/copy.h hypervisor/time/private.h \
  hypervisor/time/scale.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/domain.h:

hypervisor/abi/xen.h:

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

hypervisor/sync/lock_order.h:

hypervisor/event/event.h:

hypervisor/hypercall/table.h:

hypervisor/p2m/copy.h:

hypervisor/time/private.h:

hypervisor/time/scale.h:

hypervisor/time/time.h:
