build-clang/hv/lib/strlcpy.c.o: hypervisor/lib/strlcpy.c \
  hypervisor/lib/visibility.h hypervisor/lib/string.h \
  hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/lib/string.h:

hypervisor/lib/types.h:
