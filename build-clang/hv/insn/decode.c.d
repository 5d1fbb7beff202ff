build-clang/hv/insn/decode.c.o: hypervisor/insn/decode.c \
  hypervisor/lib/visibility.h hypervisor/insn/decode.h \
  hypervisor/lib/types.h hypervisor/lib/string.h

hypervisor/lib/visibility.h:

hypervisor/insn/decode.h:

hypervisor/lib/types.h:

hypervisor/lib/string.h:
