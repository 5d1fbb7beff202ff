build-clang/hv/pci/device.c.o: hypervisor/pci/device.c \
  hypervisor/lib/visibility.h hypervisor/pci/device.h \
  hypervisor/lib/types.h hypervisor/pci/config.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/lib/list.h hypervisor/mm/pool.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/pci/device.h:

hypervisor/lib/types.h:

hypervisor/pci/config.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/lib/list.h:

hypervisor/mm/pool.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:
