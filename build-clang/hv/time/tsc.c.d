build-clang/hv/time/tsc.c.o: hypervisor/time/tsc.c \
  hypervisor/lib/visibility.h hypervisor/cpu/insn.h \
  hypervisor/lib/types.h hypervisor/time/private.h \
  hypervisor/time/scale.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/cpu/insn.h:

hypervisor/lib/types.h:

hypervisor/time/private.h:

hypervisor/time/scale.h:

hypervisor/time/time.h:
