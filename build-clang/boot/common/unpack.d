build-clang/boot/common/unpack.o: boot/common/unpack.c \
  boot/common/unpack.h

boot/common/unpack.h:
