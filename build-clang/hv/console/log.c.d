build-clang/hv/console/log.c.o: hypervisor/console/log.c \
  hypervisor/lib/visibility.h hypervisor/console/log.h \
  hypervisor/cpu/insn.h hypervisor/cpu/percpu.h hypervisor/lib/format.h \
  hypervisor/lib/types.h hypervisor/lib/ring.h hypervisor/lib/string.h \
  hypervisor/mm/pool.h hypervisor/sync/spinlock.h \
  hypervisor/sync/lock_order.h

hypervisor/lib/visibility.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/lib/format.h:

hypervisor/lib/types.h:

hypervisor/lib/ring.h:

hypervisor/lib/string.h:

hypervisor/mm/pool.h:

hypervisor/sync/spinlock.h:

hypervisor/sync/lock_order.h:
