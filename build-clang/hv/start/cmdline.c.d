build-clang/hv/start/cmdline.c.o: hypervisor/start/cmdline.c \
  hypervisor/lib/visibility.h hypervisor/start/cmdline.h \
  hypervisor/lib/types.h hypervisor/lib/chars.h hypervisor/lib/format.h \
  hypervisor/lib/number.h hypervisor/lib/string.h \
  hypervisor/start/cmdline_value.h

hypervisor/lib/visibility.h:

hypervisor/start/cmdline.h:

hypervisor/lib/types.h:

hypervisor/lib/chars.h:

hypervisor/lib/format.h:

hypervisor/lib/number.h:

hypervisor/lib/string.h:

hypervisor/start/cmdline_value.h:
