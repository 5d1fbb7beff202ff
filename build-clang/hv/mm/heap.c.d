build-clang/hv/mm/heap.c.o: hypervisor/mm/heap.c \
  hypervisor/lib/visibility.h hypervisor/mm/heap.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/debug/panic.h hypervisor/lib/bits.h \
  hypervisor/lib/string.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/page.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/mm/heap.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/debug/panic.h:

hypervisor/lib/bits.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:
