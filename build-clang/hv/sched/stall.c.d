build-clang/hv/sched/stall.c.o: hypervisor/sched/stall.c \
  hypervisor/lib/visibility.h hypervisor/sched/stall.h \
  hypervisor/console/log.h hypervisor/cpu/nmi.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/types.h hypervisor/debug/panic.h hypervisor/irq/pmu.h \
  hypervisor/mm/pool.h hypervisor/time/time.h hypervisor/time/timer.h \
  hypervisor/lib/rbtree.h

hypervisor/lib/visibility.h:

hypervisor/sched/stall.h:

hypervisor/console/log.h:

hypervisor/cpu/nmi.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/debug/panic.h:

hypervisor/irq/pmu.h:

hypervisor/mm/pool.h:

hypervisor/time/time.h:

hypervisor/time/timer.h:

hypervisor/lib/rbtree.h:
