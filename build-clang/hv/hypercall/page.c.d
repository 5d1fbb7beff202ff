build-clang/hv/hypercall/page.c.o: hypervisor/hypercall/page.c \
  hypervisor/lib/visibility.h hypervisor/hypercall/dispatch.h \
  hypervisor/abi/xen.h hypervisor/lib/string.h hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/hypercall/dispatch.h:

hypervisor/abi/xen.h:

hypervisor/lib/string.h:

hypervisor/lib/types.h:
