/* SPDX-License-Identifier: BSD-2-Clause */
/* Where everything lies in the hypervisor's 8 TiB of every address space. Constants only. */
#pragma once

/*
 * Slots 256-271 of every top-level table are ours (xen/arch-x86/xen-x86_64.h, HYPERVISOR_VIRT_*);
 * each is 512 GiB.
 */
#define VA_HYPERVISOR_START 0xffff800000000000
#define VA_HYPERVISOR_END 0xffff880000000000
#define SLOT_FIRST 256
#define SLOT_END 272

#define VA_M2P_RO 0xffff800000000000   /* 256: machine-to-guest table, guests may read it */
#define VA_M2P_END 0xffff804000000000
#define VA_M2P_RW 0xffff808000000000   /* 257: the same frames, writable, ours alone */
#define VA_PERDOMAIN 0xffff810000000000 /* 258: descriptor tables of the current domain's vCPUs */
#define VA_FRAMES 0xffff818000000000   /* 259: struct page of every frame */
#define VA_DEVICES 0xffff820000000000  /* 260: device registers, firmware tables */
#define VA_IMAGE 0xffff828040000000    /* 261: code and data */
#define VA_STUBS 0xffff828050000000    /*      SYSCALL entries of each CPU, executable */
#define VA_PERCPU 0xffff828060000000   /*      and each CPU's block */
#define VA_DIRECT 0xffff830000000000   /* 262-271: all RAM at physical address + this */
#define VA_DIRECT_END 0xffff880000000000

#define SLOT_M2P_RO 256
#define SLOT_M2P_RW 257
#define SLOT_PERDOMAIN 258
#define SLOT_FRAMES 259
