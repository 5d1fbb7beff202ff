build-clang/hv/pv/kernel_notes.c.o: hypervisor/pv/kernel_notes.c \
  hypervisor/lib/visibility.h hypervisor/pv/kernel_notes.h \
  hypervisor/lib/elf.h hypervisor/lib/types.h hypervisor/lib/string.h \
  hypervisor/mm/layout.h hypervisor/abi/xen.h

hypervisor/lib/visibility.h:

hypervisor/pv/kernel_notes.h:

hypervisor/lib/elf.h:

hypervisor/lib/types.h:

hypervisor/lib/string.h:

hypervisor/mm/layout.h:

hypervisor/abi/xen.h:
