build-clang/hv/lib/number.c.o: hypervisor/lib/number.c \
  hypervisor/lib/visibility.h hypervisor/lib/number.h \
  hypervisor/lib/types.h hypervisor/lib/chars.h hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/lib/number.h:

hypervisor/lib/types.h:

hypervisor/lib/chars.h:

hypervisor/lib/string.h:
