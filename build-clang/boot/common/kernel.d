build-clang/boot/common/kernel.o: boot/common/kernel.c \
  boot/common/kernel.h boot/common/unpack.h

boot/common/kernel.h:

boot/common/unpack.h:
