build-clang/hv/p2m/m2p.c.o: hypervisor/p2m/m2p.c \
  hypervisor/lib/visibility.h hypervisor/p2m/m2p.h hypervisor/mm/frame.h \
  hypervisor/lib/types.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/page.h hypervisor/abi/xen.h

hypervisor/lib/visibility.h:

hypervisor/p2m/m2p.h:

hypervisor/mm/frame.h:

hypervisor/lib/types.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/page.h:

hypervisor/abi/xen.h:
