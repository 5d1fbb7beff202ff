build-clang/hv/hypercall/multicall.c.o: hypervisor/hypercall/multicall.c \
  hypervisor/lib/visibility.h hypervisor/abi/errno.h \
  hypervisor/abi/xen.h hypervisor/cpu/percpu.h hypervisor/domain/vcpu.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h \
  hypervisor/sched/sched_vcpu.h hypervisor/lib/rbtree.h \
  hypervisor/time/timer.h hypervisor/hypercall/dispatch.h \
  hypervisor/hypercall/hypercall.h hypervisor/hypercall/table.h \
  hypervisor/p2m/copy.h

hypervisor/lib/visibility.h:

hypervisor/abi/errno.h:

hypervisor/abi/xen.h:

hypervisor/cpu/percpu.h:

hypervisor/domain/vcpu.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/lib/rbtree.h:

hypervisor/time/timer.h:

hypervisor/hypercall/dispatch.h:

hypervisor/hypercall/hypercall.h:

hypervisor/hypercall/table.h:

hypervisor/p2m/copy.h:
