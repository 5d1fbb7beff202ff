build-clang/hv/p2m/copy.c.o: hypervisor/p2m/copy.c \
  hypervisor/lib/visibility.h hypervisor/p2m/copy.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/cpu/extable.h hypervisor/mm/layout.h

hypervisor/lib/visibility.h:

hypervisor/p2m/copy.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/extable.h:

hypervisor/mm/layout.h:
