build-clang/hv/irq/vector.c.o: hypervisor/irq/vector.c \
  hypervisor/lib/visibility.h hypervisor/irq/vector.h \
  hypervisor/lib/bits.h hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/irq/vector.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:
