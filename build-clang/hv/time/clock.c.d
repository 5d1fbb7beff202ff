build-clang/hv/time/clock.c.o: hypervisor/time/clock.c \
  hypervisor/lib/visibility.h hypervisor/time/time.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/abi/xen.h \
  hypervisor/console/log.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/debug/panic.h hypervisor/lib/string.h hypervisor/mm/pool.h \
  hypervisor/time/private.h hypervisor/time/scale.h

hypervisor/lib/visibility.h:

hypervisor/time/time.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/console/log.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/debug/panic.h:

hypervisor/lib/string.h:

hypervisor/mm/pool.h:

hypervisor/time/private.h:

hypervisor/time/scale.h:
