build-clang/hv/control/cpu_bitmap.c.o: hypervisor/control/cpu_bitmap.c \
  hypervisor/lib/visibility.h hypervisor/control/cpu_bitmap.h \
  hypervisor/abi/xen.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/control/cpu_bitmap.h:

hypervisor/abi/xen.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/p2m/copy.h:
