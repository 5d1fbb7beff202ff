build-clang/hv/efi/call.S.o: hypervisor/efi/call.S \
  hypervisor/lib/visibility.h

hypervisor/lib/visibility.h:
