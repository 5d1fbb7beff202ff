build-clang/boot/multiboot2/relocate.o: boot/multiboot2/relocate.c
