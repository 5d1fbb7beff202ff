build-clang/hv/mm/ram.c.o: hypervisor/mm/ram.c \
  hypervisor/lib/visibility.h hypervisor/mm/ram.h hypervisor/lib/types.h \
  hypervisor/mm/frame.h boot/handover.h

hypervisor/lib/visibility.h:

hypervisor/mm/ram.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

boot/handover.h:
