build-clang/hv/control/firmware.c.o: hypervisor/control/firmware.c \
  hypervisor/lib/visibility.h hypervisor/control/platform_op.h \
  hypervisor/abi/xen.h hypervisor/abi/errno.h hypervisor/efi/runtime.h \
  hypervisor/efi/spec.h hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/control/platform_op.h:

hypervisor/abi/xen.h:

hypervisor/abi/errno.h:

hypervisor/efi/runtime.h:

hypervisor/efi/spec.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/p2m/copy.h:
