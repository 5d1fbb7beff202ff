build-clang/hv/sched/credit_place.c.o: hypervisor/sched/credit_place.c \
  hypervisor/lib/visibility.h hypervisor/sched/credit.h \
  hypervisor/lib/cpumask.h hypervisor/lib/bits.h hypervisor/lib/types.h \
  hypervisor/lib/rbtree.h hypervisor/sched/sched_vcpu.h \
  hypervisor/abi/xen.h

hypervisor/lib/visibility.h:

hypervisor/sched/credit.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/lib/types.h:

hypervisor/lib/rbtree.h:

hypervisor/sched/sched_vcpu.h:

hypervisor/abi/xen.h:
