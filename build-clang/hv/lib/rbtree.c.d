build-clang/hv/lib/rbtree.c.o: hypervisor/lib/rbtree.c \
  hypervisor/lib/visibility.h hypervisor/lib/rbtree.h \
  hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/lib/rbtree.h:

hypervisor/lib/types.h:
