build-clang/hv/start/memmap_limit.c.o: hypervisor/start/memmap_limit.c \
  hypervisor/lib/visibility.h boot/handover.h hypervisor/start/memmap.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/mm/ram.h

hypervisor/lib/visibility.h:

boot/handover.h:

hypervisor/start/memmap.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/mm/ram.h:
