build-clang/hv/lib/format.c.o: hypervisor/lib/format.c \
  hypervisor/lib/visibility.h hypervisor/lib/format.h \
  hypervisor/lib/types.h hypervisor/lib/chars.h hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/lib/format.h:

hypervisor/lib/types.h:

hypervisor/lib/chars.h:

hypervisor/lib/string.h:
