build-clang/hv/cpu/exit_work.c.o: hypervisor/cpu/exit_work.c \
  hypervisor/lib/visibility.h hypervisor/cpu/exit_work.h \
  hypervisor/cpu/entry.h hypervisor/abi/xen.h hypervisor/cpu/insn.h \
  hypervisor/cpu/percpu.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/domain/kind.h \
  hypervisor/sched/softirq.h

hypervisor/lib/visibility.h:

hypervisor/cpu/exit_work.h:

hypervisor/cpu/entry.h:

hypervisor/abi/xen.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/vcpu.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/domain/kind.h:

hypervisor/sched/softirq.h:
