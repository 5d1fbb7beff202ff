build-clang/boot/common/memmap.o: boot/common/memmap.c \
  boot/common/memmap.h boot/handover.h

boot/common/memmap.h:

boot/handover.h:
