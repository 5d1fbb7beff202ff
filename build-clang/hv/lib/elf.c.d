build-clang/hv/lib/elf.c.o: hypervisor/lib/elf.c \
  hypervisor/lib/visibility.h hypervisor/lib/elf.h \
  hypervisor/lib/types.h hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/lib/elf.h:

hypervisor/lib/types.h:

hypervisor/lib/string.h:
