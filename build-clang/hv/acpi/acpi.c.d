build-clang/hv/acpi/acpi.c.o: hypervisor/acpi/acpi.c \
  hypervisor/lib/visibility.h hypervisor/acpi/acpi.h \
  hypervisor/acpi/parse.h hypervisor/acpi/layout.h \
  hypervisor/lib/types.h hypervisor/mm/frame.h hypervisor/console/log.h \
  hypervisor/lib/string.h hypervisor/mm/hvmap.h hypervisor/mm/layout.h \
  hypervisor/mm/pool.h

hypervisor/lib/visibility.h:

hypervisor/acpi/acpi.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/mm/frame.h:

hypervisor/console/log.h:

hypervisor/lib/string.h:

hypervisor/mm/hvmap.h:

hypervisor/mm/layout.h:

hypervisor/mm/pool.h:
