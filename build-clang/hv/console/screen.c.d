build-clang/hv/console/screen.c.o: hypervisor/console/screen.c \
  hypervisor/lib/visibility.h hypervisor/console/screen.h \
  boot/handover.h hypervisor/console/font.h hypervisor/console/log.h \
  hypervisor/lib/string.h hypervisor/lib/types.h hypervisor/mm/hvmap.h \
  hypervisor/mm/frame.h hypervisor/mm/layout.h

hypervisor/lib/visibility.h:

hypervisor/console/screen.h:

boot/handover.h:

hypervisor/console/font.h:

hypervisor/console/log.h:

hypervisor/lib/string.h:

hypervisor/lib/types.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/frame.h:

hypervisor/mm/layout.h:
