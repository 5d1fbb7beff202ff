build-clang/hv/cpu/percpu.c.o: hypervisor/cpu/percpu.c \
  hypervisor/lib/visibility.h hypervisor/cpu/percpu.h \
  hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/cpu/descriptor.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h hypervisor/cpu/smp.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/lib/string.h hypervisor/mm/heap.h \
  hypervisor/mm/hvmap.h hypervisor/mm/layout.h hypervisor/mm/page.h \
  hypervisor/mm/pool.h

hypervisor/lib/visibility.h:

hypervisor/cpu/percpu.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/descriptor.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/string.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/mm/pool.h:
