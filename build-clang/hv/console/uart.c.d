build-clang/hv/console/uart.c.o: hypervisor/console/uart.c \
  hypervisor/lib/visibility.h hypervisor/console/uart.h \
  hypervisor/console/log.h hypervisor/cpu/insn.h hypervisor/lib/types.h

hypervisor/lib/visibility.h:

hypervisor/console/uart.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/lib/types.h:
