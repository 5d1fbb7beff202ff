build-clang/hv/control/efi_op.c.o: hypervisor/control/efi_op.c \
  hypervisor/lib/visibility.h hypervisor/control/platform_op.h \
  hypervisor/abi/xen.h hypervisor/abi/errno.h hypervisor/efi/runtime.h \
  hypervisor/efi/spec.h hypervisor/lib/types.h hypervisor/lib/string.h \
  hypervisor/mm/pool.h hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/control/platform_op.h:

hypervisor/abi/xen.h:

hypervisor/abi/errno.h:

hypervisor/efi/runtime.h:

hypervisor/efi/spec.h:

hypervisor/lib/types.h:

hypervisor/lib/string.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:
