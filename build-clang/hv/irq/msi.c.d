build-clang/hv/irq/msi.c.o: hypervisor/irq/msi.c \
  hypervisor/lib/visibility.h hypervisor/irq/msi.h \
  hypervisor/lib/types.h hypervisor/pci/config.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/console/log.h hypervisor/cpu/percpu.h \
  hypervisor/irq/line.h hypervisor/irq/vector.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/mm/hvmap.h hypervisor/mm/frame.h \
  hypervisor/mm/layout.h hypervisor/mm/page.h hypervisor/mm/pool.h

hypervisor/lib/visibility.h:

hypervisor/irq/msi.h:

hypervisor/lib/types.h:

hypervisor/pci/config.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/console/log.h:

hypervisor/cpu/percpu.h:

hypervisor/irq/line.h:

hypervisor/irq/vector.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/frame.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/pool.h:
