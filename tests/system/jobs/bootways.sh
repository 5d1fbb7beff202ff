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
        devices='disks=xvdb(,xvdc)? net=vif'
        ;;
    ovmf)
        settings=('bios="ovmf"')
        devices='disks=xvda,xvdb net=vif'
        ;;
    ide) devices='disks=sda,sdb net=e1000' ;;
    ahci)
        settings=('hdtype="ahci"' "$(net rtl8139)")
        devices='disks=sda,sdb net=8139cp'
        ;;
    nvme)
        settings=('disk=[]' "device_model_args_hvm=[$(drive a "$system" nvme,serial=1,bootindex=0),$(
            drive b "$data" nvme,serial=2)]")
        devices='disks=nvme0n1,nvme1n1 net=e1000'
        ;;
    virtio)
        settings=('disk=[]' "$(net virtio-net-pci)" "device_model_args_hvm=[$(
            drive a "$system" virtio-blk-pci,bootindex=0),$(drive b "$data" virtio-blk-pci)]")
        devices='disks=vda,vdb net=virtio_net'
        ;;
    esac
}

# boots WAY: from creation to the guest's own power-off
boots() {
    way "$1"
    guest_disk boot
    rm -f /tmp/console-boot
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
