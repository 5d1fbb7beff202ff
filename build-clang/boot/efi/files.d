build-clang/boot/efi/files.o: boot/efi/files.c boot/efi/files.h \
  /usr/include/efi/efi.h /usr/include/efi/x86_64/efibind.h \
  /usr/include/efi/eficompiler.h /usr/include/efi/efidef.h \
  /usr/include/efi/efidevp.h /usr/include/efi/efipciio.h \
  /usr/include/efi/efiprot.h /usr/include/efi/eficon.h \
  /usr/include/efi/eficonex.h /usr/include/efi/efiser.h \
  /usr/include/efi/efi_nii.h /usr/include/efi/efipxebc.h \
  /usr/include/efi/efinet.h /usr/include/efi/efiapi.h \
  /usr/include/efi/efifs.h /usr/include/efi/efierr.h \
  /usr/include/efi/efiui.h /usr/include/efi/efiip.h \
  /usr/include/efi/efiudp.h /usr/include/efi/efitcp.h \
  /usr/include/efi/efipoint.h /usr/include/efi/efishell.h \
  /usr/include/efi/efilink.h boot/efi/firmware.h boot/common/config.h \
  boot/handover.h

boot/efi/files.h:

/usr/include/efi/efi.h:

/usr/include/efi/x86_64/efibind.h:

/usr/include/efi/eficompiler.h:

/usr/include/efi/efidef.h:

/usr/include/efi/efidevp.h:

/usr/include/efi/efipciio.h:

/usr/include/efi/efiprot.h:

/usr/include/efi/eficon.h:

/usr/include/efi/eficonex.h:

/usr/include/efi/efiser.h:

/usr/include/efi/efi_nii.h:

/usr/include/efi/efipxebc.h:

/usr/include/efi/efinet.h:

/usr/include/efi/efiapi.h:

/usr/include/efi/efifs.h:

/usr/include/efi/efierr.h:

/usr/include/efi/efiui.h:

/usr/include/efi/efiip.h:

/usr/include/efi/efiudp.h:

/usr/include/efi/efitcp.h:

/usr/include/efi/efipoint.h:

/usr/include/efi/efishell.h:

/usr/include/efi/efilink.h:

boot/efi/firmware.h:

boot/common/config.h:

boot/handover.h:
