build-clang/hv/time/stamp.c.o: hypervisor/time/stamp.c \
  hypervisor/lib/visibility.h hypervisor/console/log.h \
  hypervisor/lib/format.h hypervisor/lib/types.h \
  hypervisor/time/calendar.h hypervisor/time/private.h \
  hypervisor/time/scale.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/console/log.h:

hypervisor/lib/format.h:

hypervisor/lib/types.h:

hypervisor/time/calendar.h:

hypervisor/time/private.h:

hypervisor/time/scale.h:

hypervisor/time/time.h:
