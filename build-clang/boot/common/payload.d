build-clang/boot/common/payload.o: boot/common/payload.S
