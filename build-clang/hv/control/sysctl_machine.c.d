build-clang/hv/control/sysctl_machine.c.o: \
  hypervisor/control/sysctl_machine.c hypervisor/lib/visibility.h \
  hypervisor/control/sysctl.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/abi/errno.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/policy.h hypervisor/cpu/insn.h hypervisor/cpu/smp.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/cpu/topology.h hypervisor/hypercall/hypercall.h \
  hypervisor/mm/heap.h hypervisor/mm/frame.h hypervisor/mm/ram.h \
  hypervisor/p2m/copy.h hypervisor/sched/sched.h hypervisor/time/time.h

hypervisor/lib/visibility.h:

hypervisor/control/sysctl.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/abi/errno.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/policy.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/cpu/topology.h:

hypervisor/hypercall/hypercall.h:

hypervisor/mm/heap.h:

hypervisor/mm/frame.h:

hypervisor/mm/ram.h:

hypervisor/p2m/copy.h:

hypervisor/sched/sched.h:

hypervisor/time/time.h:
