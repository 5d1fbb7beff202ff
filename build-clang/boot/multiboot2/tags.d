build-clang/boot/multiboot2/tags.o: boot/multiboot2/tags.c \
  boot/multiboot2/tags.h boot/handover.h

boot/multiboot2/tags.h:

boot/handover.h:
