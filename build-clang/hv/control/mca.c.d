build-clang/hv/control/mca.c.o: hypervisor/control/mca.c \
  hypervisor/lib/visibility.h hypervisor/control/mca.h \
  hypervisor/abi/errno.h hypervisor/abi/xen.h hypervisor/cpu/features.h \
  hypervisor/cpu/insn.h hypervisor/cpu/machine_check.h \
  hypervisor/cpu/percpu.h hypervisor/cpu/smp.h hypervisor/lib/cpumask.h \
  hypervisor/lib/bits.h hypervisor/lib/types.h hypervisor/event/event.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/lib/string.h hypervisor/mm/pool.h hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/control/mca.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/features.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/machine_check.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/event/event.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/lib/string.h:

hypervisor/mm/pool.h:

hypervisor/p2m/copy.h:
