build-clang/hv/start/main.c.o: hypervisor/start/main.c \
  hypervisor/lib/visibility.h hypervisor/start/main.h \
  hypervisor/acpi/acpi.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  boot/handover.h hypervisor/console/log.h hypervisor/console/screen.h \
  hypervisor/control/mca.h hypervisor/control/version.h \
  hypervisor/cpu/descriptor.h hypervisor/cpu/entry.h \
  hypervisor/abi/xen.h hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/cpu/machine_check.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/policy.h hypervisor/cpu/smp.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/debug/panic.h \
  hypervisor/debug/symbols.h hypervisor/domain/domain.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/efi/runtime.h hypervisor/efi/spec.h hypervisor/irq/irq.h \
  hypervisor/lib/string.h hypervisor/mm/heap.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/mm/page.h hypervisor/sched/sched.h \
  hypervisor/start/cmdline.h hypervisor/start/configure.h \
  hypervisor/start/dom0.h hypervisor/start/memmap.h hypervisor/mm/ram.h \
  hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/start/main.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

boot/handover.h:

hypervisor/console/log.h:

hypervisor/console/screen.h:

hypervisor/control/mca.h:

hypervisor/control/version.h:

hypervisor/cpu/descriptor.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/machine_check.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/policy.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/debug/panic.h:

hypervisor/debug/symbols.h:

hypervisor/domain/domain.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/efi/runtime.h:

hypervisor/efi/spec.h:

hypervisor/irq/irq.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/sched/sched.h:

hypervisor/start/cmdline.h:

hypervisor/start/configure.h:

hypervisor/start/dom0.h:

hypervisor/start/memmap.h:

hypervisor/mm/ram.h:

hypervisor/time/time.h:
