build-clang/hv/mm/hvmap.c.o: hypervisor/mm/hvmap.c \
  hypervisor/lib/visibility.h hypervisor/mm/hvmap.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/mm/layout.h \
  hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/debug/panic.h \
  hypervisor/lib/string.h hypervisor/mm/heap.h hypervisor/mm/page.h \
  hypervisor/abi/xen.h hypervisor/mm/ram.h boot/handover.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/mm/hvmap.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/mm/layout.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/debug/panic.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/page.h:

hypervisor/abi/xen.h:

hypervisor/mm/ram.h:

boot/handover.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:
