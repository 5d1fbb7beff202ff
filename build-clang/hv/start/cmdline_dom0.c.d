build-clang/hv/start/cmdline_dom0.c.o: hypervisor/start/cmdline_dom0.c \
  hypervisor/lib/visibility.h hypervisor/start/cmdline.h \
  hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/start/cmdline.h:

hypervisor/lib/types.h:
