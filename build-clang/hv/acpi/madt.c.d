build-clang/hv/acpi/madt.c.o: hypervisor/acpi/madt.c \
  hypervisor/lib/visibility.h hypervisor/acpi/parse.h \
  hypervisor/acpi/layout.h hypervisor/lib/types.h \
  hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/acpi/parse.h:

hypervisor/acpi/layout.h:

hypervisor/lib/types.h:

hypervisor/lib/string.h:
