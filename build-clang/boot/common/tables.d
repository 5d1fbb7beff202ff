build-clang/boot/common/tables.o: boot/common/tables.c \
  boot/common/tables.h

boot/common/tables.h:
