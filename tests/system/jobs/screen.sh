# SPDX-License-Identifier: BSD-2-Clause
# What xl does with HVM guests only: screen, device model's monitor, power button.
. /lib/zendo.sh
. /jobs/guestlib.sh
g=minimal
cat /guest/initrd /guest/drivers >/tmp/initrd
x create xl create -p /guest/$g.cfg 'type="hvm"' memory=192 'ramdisk="/tmp/initrd"' 'vga="stdvga"' \
    vnc=1 'vnclisten="127.0.0.1"' 'extra="console=tty0 console=hvc0 panic=5 zendo.then=wait"' || xl_why
console_follow $g
vnc_port() { xenstore-read "/local/domain/$(xl domid $g)/console/vnc-port"; }
rfb() { # the protocol's first word
    exec 7<>"/dev/tcp/127.0.0.1/$(vnc_port)" || return 1
    read -r -t 20 version <&7
    exec 7>&-
    echo "$version"
    [ "$version" = 'RFB 003.008' ]
}
step vnc rfb
x unpause xl unpause $g
echo 3 >/proc/sys/vm/drop_caches
step up console_wait $g 'GUEST-TICK .* buttons=0' 400 || xl_why
step screen screen_shows $g 8000 # the kernel's messages
step monitor has 'VM status: running' xl qemu-monitor-command $g 'info status'
step pci has 'VGA controller' xl qemu-monitor-command $g 'info pci'
x button xl trigger $g power
step button-came console_wait $g 'GUEST-TICK .* buttons=1' 30
model=$(xenstore-read "/local/domain/$(xl domid $g)/image/device-model-pid")
step model kill -0 "$model"
x destroy xl destroy $g
step model-gone wait_for 30 [ ! -e "/proc/$model" ]
finish screen
