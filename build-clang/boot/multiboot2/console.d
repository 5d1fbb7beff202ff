build-clang/boot/multiboot2/console.o: boot/multiboot2/console.c \
  boot/multiboot2/console.h boot/handover.h

boot/multiboot2/console.h:

boot/handover.h:
