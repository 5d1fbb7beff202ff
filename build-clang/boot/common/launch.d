build-clang/boot/common/launch.o: boot/common/launch.c \
  boot/common/launch.h boot/common/image.h boot/common/memmap.h \
  boot/handover.h boot/common/tables.h

boot/common/launch.h:

boot/common/image.h:

boot/common/memmap.h:

boot/handover.h:

boot/common/tables.h:
