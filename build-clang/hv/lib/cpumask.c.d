build-clang/hv/lib/cpumask.c.o: hypervisor/lib/cpumask.c \
  hypervisor/lib/visibility.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/lib/types.h hypervisor/lib/bitmap.h

hypervisor/lib/visibility.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/lib/bitmap.h:
