build-clang/boot/multiboot2/main.o: boot/multiboot2/main.c \
  boot/common/efi_map.h boot/common/memmap.h boot/handover.h \
  boot/common/image.h boot/common/kernel.h boot/common/launch.h \
  boot/common/libc.h boot/multiboot2/console.h boot/multiboot2/tags.h

boot/common/efi_map.h:

boot/common/memmap.h:

boot/handover.h:

boot/common/image.h:

boot/common/kernel.h:

boot/common/launch.h:

boot/common/libc.h:

boot/multiboot2/console.h:

boot/multiboot2/tags.h:
