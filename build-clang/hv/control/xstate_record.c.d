build-clang/hv/control/xstate_record.c.o: \
  hypervisor/control/xstate_record.c hypervisor/lib/visibility.h \
  hypervisor/control/xstate_record.h hypervisor/lib/types.h \
  hypervisor/abi/errno.h hypervisor/abi/xen.h hypervisor/lib/bits.h \
  hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/control/xstate_record.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/lib/bits.h:

hypervisor/lib/string.h:
