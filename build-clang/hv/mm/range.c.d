build-clang/hv/mm/range.c.o: hypervisor/mm/range.c \
  hypervisor/lib/visibility.h hypervisor/lib/range_set.h \
  hypervisor/lib/rbtree.h hypervisor/lib/types.h hypervisor/mm/pool.h

hypervisor/lib/visibility.h:

hypervisor/lib/range_set.h:

hypervisor/lib/rbtree.h:

hypervisor/lib/types.h:

hypervisor/mm/pool.h:
