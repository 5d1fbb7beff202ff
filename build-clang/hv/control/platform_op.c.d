build-clang/hv/control/platform_op.c.o: hypervisor/control/platform_op.c \
  hypervisor/lib/visibility.h hypervisor/control/platform_op.h \
  hypervisor/abi/xen.h hypervisor/abi/errno.h hypervisor/acpi/acpi.h \
  hypervisor/acpi/parse.h hypervisor/acpi/layout.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/control/access.h hypervisor/control/cpu_bitmap.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/cpu/features.h hypervisor/cpu/percpu.h hypervisor/cpu/smp.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/lib/string.h hypervisor/mm/pool.h hypervisor/p2m/copy.h \
  hypervisor/sched/sched.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/control/platform_op.h:

hypervisor/abi/xen.h:

hypervisor/abi/errno.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/control/access.h:

hypervisor/control/cpu_bitmap.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/cpu/features.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/lib/string.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:

hypervisor/sched/sched.h:

hypervisor/time/time.h:
