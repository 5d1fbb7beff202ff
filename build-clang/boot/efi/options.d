build-clang/boot/efi/options.o: boot/efi/options.c boot/efi/options.h \
  boot/common/config.h

boot/efi/options.h:

boot/common/config.h:
