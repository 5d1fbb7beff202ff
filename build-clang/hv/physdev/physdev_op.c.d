build-clang/hv/physdev/physdev_op.c.o: hypervisor/physdev/physdev_op.c \
  hypervisor/lib/visibility.h hypervisor/physdev/physdev.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/cpu/percpu.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/list.h hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/hypercall/hypercall.h \
  hypervisor/hypercall/table.h hypervisor/irq/ioapic.h \
  hypervisor/irq/irq.h hypervisor/irq/line.h hypervisor/irq/vector.h \
  hypervisor/irq/msi.h hypervisor/pci/config.h \
  hypervisor/lib/range_set.h hypervisor/pci/device.h \
  hypervisor/physdev/pirq.h

hypervisor/lib/visibility.h:

hypervisor/physdev/physdev.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/percpu.h:

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

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/irq/ioapic.h:

hypervisor/irq/irq.h:

hypervisor/irq/line.h:

hypervisor/irq/vector.h:

hypervisor/irq/msi.h:

hypervisor/pci/config.h:

hypervisor/lib/range_set.h:

hypervisor/pci/device.h:

hypervisor/physdev/pirq.h:
