build-clang/hv/time/scale.c.o: hypervisor/time/scale.c \
  hypervisor/lib/visibility.h hypervisor/time/scale.h

hypervisor/lib/visibility.h:

hypervisor/time/scale.h:
