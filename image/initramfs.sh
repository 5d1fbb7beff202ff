#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Set up initramfs-tools in the root (first argument) before the kernel package makes its ramdisk:
# drivers of all disks, and no resume from a swap partition that another system may use.

set -eu
R=$1
mkdir -p "$R/etc/initramfs-tools/conf.d"
printf 'MODULES=most\nCOMPRESS=zstd\nCOMPRESSLEVEL=12\nRESUME=none\n' \
    >"$R/etc/initramfs-tools/conf.d/zendo.conf"
