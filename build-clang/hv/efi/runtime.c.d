build-clang/hv/efi/runtime.c.o: hypervisor/efi/runtime.c \
  hypervisor/lib/visibility.h hypervisor/efi/runtime.h \
  hypervisor/efi/spec.h hypervisor/lib/types.h boot/handover.h \
  hypervisor/console/log.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/xstate.h hypervisor/domain/vcpu.h hypervisor/abi/xen.h \
  hypervisor/mm/frame.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h hypervisor/efi/map.h \
  hypervisor/lib/string.h hypervisor/mm/heap.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/mm/pool.h hypervisor/mm/tlb.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/efi/runtime.h:

hypervisor/efi/spec.h:

hypervisor/lib/types.h:

boot/handover.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/xstate.h:

hypervisor/domain/vcpu.h:

hypervisor/abi/xen.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/efi/map.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/pool.h:

hypervisor/mm/tlb.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:
