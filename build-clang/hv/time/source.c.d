build-clang/hv/time/source.c.o: hypervisor/time/source.c \
  hypervisor/lib/visibility.h hypervisor/acpi/acpi.h \
  hypervisor/acpi/parse.h hypervisor/acpi/layout.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/cpu/insn.h \
  hypervisor/lib/bits.h hypervisor/lib/string.h hypervisor/mm/hvmap.h \
  hypervisor/mm/layout.h hypervisor/time/private.h \
  hypervisor/time/scale.h

hypervisor/lib/visibility.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/cpu/insn.h:

hypervisor/lib/bits.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/time/private.h:

hypervisor/time/scale.h:
