build-clang/hv/time/rtc.c.o: hypervisor/time/rtc.c \
  hypervisor/lib/visibility.h hypervisor/time/rtc.h

hypervisor/lib/visibility.h:

hypervisor/time/rtc.h:
