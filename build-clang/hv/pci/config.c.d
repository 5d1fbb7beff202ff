build-clang/hv/pci/config.c.o: hypervisor/pci/config.c \
  hypervisor/lib/visibility.h hypervisor/pci/config.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/cpu/insn.h hypervisor/irq/msi.h hypervisor/mm/hvmap.h \
  hypervisor/mm/frame.h hypervisor/mm/layout.h hypervisor/mm/pool.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/pci/config.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/irq/msi.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/frame.h:

hypervisor/mm/layout.h:

hypervisor/mm/pool.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:
