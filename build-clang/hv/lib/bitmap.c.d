build-clang/hv/lib/bitmap.c.o: hypervisor/lib/bitmap.c \
  hypervisor/lib/visibility.h hypervisor/lib/bitmap.h \
  hypervisor/lib/bits.h hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/lib/bitmap.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:
