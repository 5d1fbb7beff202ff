build-clang/hv/cpu/exception.c.o: hypervisor/cpu/exception.c \
  hypervisor/lib/visibility.h hypervisor/cpu/entry.h \
  hypervisor/abi/xen.h hypervisor/cpu/exit_work.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/cpu/extable.h hypervisor/cpu/regs.h \
  hypervisor/debug/panic.h hypervisor/irq/irq.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h

hypervisor/lib/visibility.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/exit_work.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/vcpu.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/cpu/extable.h:

hypervisor/cpu/regs.h:

hypervisor/debug/panic.h:

hypervisor/irq/irq.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:
