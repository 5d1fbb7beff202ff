build-clang/hv/time/calendar.c.o: hypervisor/time/calendar.c \
  hypervisor/lib/visibility.h hypervisor/time/calendar.h

hypervisor/lib/visibility.h:

hypervisor/time/calendar.h:
