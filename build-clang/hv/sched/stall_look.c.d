build-clang/hv/sched/stall_look.c.o: hypervisor/sched/stall_look.c \
  hypervisor/lib/visibility.h hypervisor/sched/stall.h

hypervisor/lib/visibility.h:

hypervisor/sched/stall.h:
