build-clang/hv/time/wallclock.c.o: hypervisor/time/wallclock.c \
  hypervisor/lib/visibility.h hypervisor/acpi/acpi.h \
  hypervisor/acpi/parse.h hypervisor/acpi/layout.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/console/log.h \
  hypervisor/cpu/insn.h hypervisor/domain/domain.h hypervisor/abi/xen.h \
  hypervisor/domain/vcpu.h hypervisor/sched/sched_vcpu.h \
  hypervisor/lib/rbtree.h hypervisor/time/timer.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/list.h \
  hypervisor/sync/spinlock.h hypervisor/sync/lock_order.h \
  hypervisor/time/private.h hypervisor/time/scale.h \
  hypervisor/time/rtc.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/domain/domain.h:

hypervisor/abi/xen.h:

hypervisor/domain/vcpu.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/list.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:

hypervisor/time/private.h:

hypervisor/time/scale.h:

hypervisor/time/rtc.h:

hypervisor/time/time.h:
