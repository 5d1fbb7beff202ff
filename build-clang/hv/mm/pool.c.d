build-clang/hv/mm/pool.c.o: hypervisor/mm/pool.c \
  hypervisor/lib/visibility.h hypervisor/mm/pool.h \
  hypervisor/lib/types.h hypervisor/debug/panic.h hypervisor/lib/bits.h \
  hypervisor/lib/string.h hypervisor/mm/heap.h hypervisor/mm/frame.h \
  hypervisor/mm/hvmap.h hypervisor/mm/layout.h hypervisor/mm/page.h \
  hypervisor/abi/xen.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/mm/pool.h:

hypervisor/lib/types.h:

hypervisor/debug/panic.h:

hypervisor/lib/bits.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/frame.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/abi/xen.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:
