build-clang/hv/start/dom0.c.o: hypervisor/start/dom0.c \
  hypervisor/lib/visibility.h hypervisor/start/dom0.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  boot/handover.h hypervisor/console/log.h hypervisor/console/screen.h \
  hypervisor/console/uart.h hypervisor/control/console_io.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/debug/panic.h hypervisor/domain/domain.h \
  hypervisor/abi/xen.h hypervisor/domain/vcpu.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/cpu/insn.h \
  hypervisor/sync/lock_order.h hypervisor/irq/irq.h \
  hypervisor/lib/range_set.h hypervisor/lib/string.h \
  hypervisor/mm/heap.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/pv/build_dom0.h hypervisor/pv/pv.h hypervisor/sched/sched.h \
  hypervisor/start/cmdline.h hypervisor/start/configure.h \
  hypervisor/start/memmap.h hypervisor/mm/ram.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/start/dom0.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

boot/handover.h:

hypervisor/console/log.h:

hypervisor/console/screen.h:

hypervisor/console/uart.h:

hypervisor/control/console_io.h:

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

hypervisor/irq/irq.h:

hypervisor/lib/range_set.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/pv/build_dom0.h:

hypervisor/pv/pv.h:

hypervisor/sched/sched.h:

hypervisor/start/cmdline.h:

hypervisor/start/configure.h:

hypervisor/start/memmap.h:

hypervisor/mm/ram.h:

hypervisor/time/time.h:
