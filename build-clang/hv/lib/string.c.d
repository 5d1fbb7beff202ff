build-clang/hv/lib/string.c.o: hypervisor/lib/string.c \
  hypervisor/lib/visibility.h hypervisor/lib/string.h \
  hypervisor/lib/types.h hypervisor/lib/chars.h

hypervisor/lib/visibility.h:

hypervisor/lib/string.h:

hypervisor/lib/types.h:

hypervisor/lib/chars.h:
