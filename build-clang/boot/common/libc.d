build-clang/boot/common/libc.o: boot/common/libc.c boot/common/libc.h

boot/common/libc.h:
