build-clang/hv/debug/panic.c.o: hypervisor/debug/panic.c \
  hypervisor/lib/visibility.h hypervisor/debug/panic.h \
  hypervisor/console/log.h hypervisor/console/screen.h \
  hypervisor/cpu/insn.h hypervisor/cpu/percpu.h hypervisor/cpu/regs.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/lib/types.h hypervisor/debug/backtrace.h \
  hypervisor/lib/format.h hypervisor/abi/xen.h

hypervisor/lib/visibility.h:

hypervisor/debug/panic.h:

hypervisor/console/log.h:

hypervisor/console/screen.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/debug/backtrace.h:

hypervisor/lib/format.h:

hypervisor/abi/xen.h:
