build-clang/boot/common/launch_jump.o: boot/common/launch_jump.S
