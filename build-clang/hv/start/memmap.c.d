build-clang/hv/start/memmap.c.o: hypervisor/start/memmap.c \
  hypervisor/lib/visibility.h hypervisor/start/memmap.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/mm/ram.h \
  boot/handover.h hypervisor/console/log.h hypervisor/debug/panic.h \
  hypervisor/mm/heap.h

hypervisor/lib/visibility.h:

hypervisor/start/memmap.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/mm/ram.h:

boot/handover.h:

hypervisor/console/log.h:

hypervisor/debug/panic.h:

hypervisor/mm/heap.h:
