build-clang/hv/lib/sort.c.o: hypervisor/lib/sort.c \
  hypervisor/lib/visibility.h hypervisor/lib/sort.h \
  hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/lib/sort.h:

hypervisor/lib/types.h:
