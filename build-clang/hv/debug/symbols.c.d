build-clang/hv/debug/symbols.c.o: hypervisor/debug/symbols.c \
  hypervisor/lib/visibility.h hypervisor/debug/symbols.h \
  hypervisor/lib/types.h hypervisor/lib/elf.h

hypervisor/lib/visibility.h:

hypervisor/debug/symbols.h:

hypervisor/lib/types.h:

hypervisor/lib/elf.h:
