build-clang/hv/control/debug_keys.c.o: hypervisor/control/debug_keys.c \
  hypervisor/lib/visibility.h hypervisor/control/debug_keys.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/console/log.h hypervisor/cpu/nmi.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/debug/panic.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/domain/dump.h \
  hypervisor/domain/kind.h hypervisor/event/event.h \
  hypervisor/grant/grant.h hypervisor/irq/irq.h hypervisor/lib/ring.h \
  hypervisor/mm/heap.h hypervisor/sched/sched.h \
  hypervisor/sched/softirq.h hypervisor/sched/stall.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/control/debug_keys.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/cpu/nmi.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/debug/panic.h:

hypervisor/domain/domain.h:

hypervisor/abi/xen.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/cpu/insn.h:

hypervisor/sync/lock_order.h:

hypervisor/domain/dump.h:

hypervisor/domain/kind.h:

hypervisor/event/event.h:

hypervisor/grant/grant.h:

hypervisor/irq/irq.h:

hypervisor/lib/ring.h:

hypervisor/mm/heap.h:

hypervisor/sched/sched.h:

hypervisor/sched/softirq.h:

hypervisor/sched/stall.h:

hypervisor/time/time.h:
