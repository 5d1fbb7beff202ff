build-clang/hv/efi/map.c.o: hypervisor/efi/map.c \
  hypervisor/lib/visibility.h hypervisor/efi/map.h hypervisor/efi/spec.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/mm/heap.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h

hypervisor/lib/visibility.h:

hypervisor/efi/map.h:

hypervisor/efi/spec.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/mm/heap.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:
