build-clang/boot/multiboot2/entry32.o: boot/multiboot2/entry32.S
