build-clang/hv/start/configure.c.o: hypervisor/start/configure.c \
  hypervisor/lib/visibility.h hypervisor/start/configure.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/console/log.h hypervisor/console/uart.h \
  hypervisor/control/console_io.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/debug/panic.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/grant/grant.h \
  hypervisor/irq/irq.h hypervisor/mm/pool.h hypervisor/sched/sched.h \
  hypervisor/sched/stall.h hypervisor/start/cmdline.h \
  hypervisor/start/memmap.h hypervisor/mm/ram.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/start/configure.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/console/uart.h:

hypervisor/control/console_io.h:

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

hypervisor/grant/grant.h:

hypervisor/irq/irq.h:

hypervisor/mm/pool.h:

hypervisor/sched/sched.h:

hypervisor/sched/stall.h:

hypervisor/start/cmdline.h:

hypervisor/start/memmap.h:

hypervisor/mm/ram.h:

hypervisor/time/time.h:
