# SPDX-License-Identifier: BSD-2-Clause
# An HVM guest boots from firmware (ZENDO_WAYS: some of the ways below, by commas) as a PC does: GRUB
# and kernel come from the machine's first virtio disk. Then it uses disk and network: the devices
# that QEMU emulates, or those of PV drivers, for which Linux has the emulated ones taken away.
. /lib/zendo.sh
. /jobs/guestlib.sh
system=/dev/vda data=/tmp/boot.img
disk() { echo "\"format=raw,vdev=$1,access=rw,target=$2\""; }
net() { echo "vif=[\"bridge=xenbr0,mac=00:16:3e:00:00:41,model=$1\"]"; }
drive() { # ID FILE DEVICE: a disk that QEMU emulates and xl knows nothing of
    echo "\"-drive\",\"if=none,id=$1,format=raw,file=$2\",\"-device\",\"$3,drive=$1\""
}

# way NAME: sets what differs from hvm-boot.cfg, and the devices that the guest must find
way() {
    settings=()
    case $1 in
    disk) devices='disks=xvda,xvdb net=vif' ;;
    cd)
        settings=('boot="d"'
            "disk=[\"format=raw,vdev=hdc,access=ro,devtype=cdrom,target=$system\",$(disk hdb "$data")]")
        devices='disks=(sr0,)?xvdb(,xvdc)? net=vif'
        ;;
    ovmf)
        # Debian's OVMF knows nothing of Xen and gives PCI devices new addresses. QEMU does not move the
        # screen's memory there, so each word of it would be an exit, as each of a card's ROM is. (Disks
        # of AHCI are not taken away.)
        settings=('bios="ovmf"' 'vga="none"' 'vnc=0' 'hdtype="ahci"' 'memory=420' 'maxmem=420'
            'device_model_args_hvm=["-global","e1000.romfile="]')
        devices='disks=sda,sdb,xvda,xvdb net=vif'
        ;;
    ide) devices='disks=sda,sdb net=e1000' ;;
    ahci)
        settings=('hdtype="ahci"' "$(net rtl8139)")
        devices='disks=sda,sdb net=8139cp'
        ;;
    nvme) # two name spaces: SeaBIOS tries controllers in any order
        settings=('disk=[]' "device_model_args_hvm=[\"-device\",\"nvme,id=n,serial=1\",$(
            drive a "$system" nvme-ns,bus=n,nsid=1),$(drive b "$data" nvme-ns,bus=n,nsid=2)]")
        devices='disks=nvme0n1,nvme0n2 net=e1000'
        ;;
    virtio)
        settings=('disk=[]' "$(net virtio-net-pci)" "device_model_args_hvm=[$(
            drive a "$system" virtio-blk-pci),$(drive b "$data" virtio-blk-pci)]")
        devices='disks=vda,vdb net=virtio_net'
        ;;
    esac
}

# boots WAY: from creation to the guest's own power-off
boots() {
    way "$1"
    guest_disk boot
    x "$1-create" xl create -p /guest/hvm-boot.cfg "${settings[@]}" || xl_why
    console_follow boot serial/0/tty
    x "$1-unpause" xl unpause boot
    step "$1-up" console_wait boot 'GUEST-UP ' "${ZENDO_UP:-1800}" || { xl_why; screen_shows boot 1; }
    step "$1-cpu" console_wait boot 'GUEST-CPU ok' 120
    step "$1-disk" console_wait boot 'GUEST-DISK ok' 120
    step "$1-net" console_wait boot 'GUEST-NET ok' 120
    step "$1-ready" console_wait boot GUEST-READY 30
    step "$1-devices" grep -aE "GUEST-DEVICES $devices" /tmp/console-boot
    step "$1-gone" wait_for 60 guest_absent boot || { xl_why; xl destroy boot; }
}

drivers_load
step bridge bridge_up
step disk wait_for 20 [ -b "$system" ]
modprobe tun
for w in $(echo "${ZENDO_WAYS:-disk}" | tr , ' '); do boots "$w"; done
finish bootways "${ZENDO_WAYS:-disk}"
