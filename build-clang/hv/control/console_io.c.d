build-clang/hv/control/console_io.c.o: hypervisor/control/console_io.c \
  hypervisor/lib/visibility.h hypervisor/control/console_io.h \
  hypervisor/abi/errno.h hypervisor/abi/xen.h hypervisor/acpi/acpi.h \
  hypervisor/acpi/parse.h hypervisor/acpi/layout.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/console/log.h \
  hypervisor/console/uart.h hypervisor/cpu/percpu.h \
  hypervisor/control/debug_keys.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/event/event.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/irq/line.h hypervisor/irq/vector.h hypervisor/lib/ring.h \
  hypervisor/p2m/copy.h hypervisor/sched/softirq.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/control/console_io.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/console/uart.h:

hypervisor/cpu/percpu.h:

hypervisor/control/debug_keys.h:

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

hypervisor/event/event.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/irq/line.h:

hypervisor/irq/vector.h:

hypervisor/lib/ring.h:

hypervisor/p2m/copy.h:

hypervisor/sched/softirq.h:

hypervisor/time/time.h:
