build-clang/hv/cpu/machine_check.c.o: hypervisor/cpu/machine_check.c \
  hypervisor/lib/visibility.h hypervisor/cpu/machine_check.h \
  hypervisor/console/log.h hypervisor/cpu/entry.h hypervisor/abi/xen.h \
  hypervisor/cpu/features.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/regs.h hypervisor/cpu/smp.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/debug/panic.h hypervisor/time/time.h \
  hypervisor/time/timer.h hypervisor/lib/rbtree.h

hypervisor/lib/visibility.h:

hypervisor/cpu/machine_check.h:

hypervisor/console/log.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/regs.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/debug/panic.h:

hypervisor/time/time.h:

hypervisor/time/timer.h:

hypervisor/lib/rbtree.h:
