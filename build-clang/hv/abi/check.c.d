build-clang/hv/abi/check.c.o: hypervisor/abi/check.c \
  hypervisor/lib/visibility.h hypervisor/abi/xen.h

hypervisor/lib/visibility.h:

hypervisor/abi/xen.h:
