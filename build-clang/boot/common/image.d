build-clang/boot/common/image.o: boot/common/image.c boot/common/image.h

boot/common/image.h:
