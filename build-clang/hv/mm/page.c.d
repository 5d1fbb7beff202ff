build-clang/hv/mm/page.c.o: hypervisor/mm/page.c \
  hypervisor/lib/visibility.h hypervisor/mm/page.h hypervisor/abi/xen.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/mm/layout.h \
  hypervisor/abi/errno.h hypervisor/cpu/insn.h hypervisor/cpu/percpu.h \
  hypervisor/cpu/smp.h hypervisor/lib/cpumask.h hypervisor/lib/bits.h \
  hypervisor/debug/panic.h hypervisor/mm/hvmap.h \
  hypervisor/mm/page_hooks.h hypervisor/mm/page_word.h \
  hypervisor/mm/tlb.h

hypervisor/lib/visibility.h:

hypervisor/mm/page.h:

hypervisor/abi/xen.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/mm/layout.h:

hypervisor/abi/errno.h:

hypervisor/cpu/insn.h:

hypervisor/cpu/percpu.h:

hypervisor/cpu/smp.h:

hypervisor/lib/cpumask.h:

hypervisor/lib/bits.h:

hypervisor/debug/panic.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/page_hooks.h:

hypervisor/mm/page_word.h:

hypervisor/mm/tlb.h:
