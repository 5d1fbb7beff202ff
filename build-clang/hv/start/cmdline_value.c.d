build-clang/hv/start/cmdline_value.c.o: hypervisor/start/cmdline_value.c \
  hypervisor/lib/visibility.h hypervisor/start/cmdline_value.h \
  hypervisor/start/cmdline.h hypervisor/lib/types.h \
  hypervisor/lib/chars.h hypervisor/lib/number.h hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/start/cmdline_value.h:

hypervisor/start/cmdline.h:

hypervisor/lib/types.h:

hypervisor/lib/chars.h:

hypervisor/lib/number.h:

hypervisor/lib/string.h:
