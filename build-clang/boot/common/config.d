build-clang/boot/common/config.o: boot/common/config.c \
  boot/common/config.h

boot/common/config.h:
