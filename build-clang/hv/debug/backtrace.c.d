build-clang/hv/debug/backtrace.c.o: hypervisor/debug/backtrace.c \
  hypervisor/lib/visibility.h hypervisor/debug/backtrace.h \
  hypervisor/lib/types.h hypervisor/console/log.h \
  hypervisor/cpu/percpu.h hypervisor/debug/symbols.h \
  hypervisor/lib/format.h

hypervisor/lib/visibility.h:

hypervisor/debug/backtrace.h:

hypervisor/lib/types.h:

hypervisor/console/log.h:

hypervisor/cpu/percpu.h:

hypervisor/debug/symbols.h:

hypervisor/lib/format.h:
