build-clang/hv/lib/range_set.c.o: hypervisor/lib/range_set.c \
  hypervisor/lib/visibility.h hypervisor/lib/range_set.h \
  hypervisor/lib/rbtree.h hypervisor/lib/types.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h

hypervisor/lib/visibility.h:

hypervisor/lib/range_set.h:

hypervisor/lib/rbtree.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:
