/* SPDX-License-Identifier: BSD-2-Clause */
/* Architectural numbers: control registers, model-specific registers, flags. Constants only. */
#pragma once

/* CR0, CR4 (SDM vol. 3, 2.5) */
#define CR0_PE (1ULL << 0)
#define CR0_MP (1ULL << 1)
#define CR0_EM (1ULL << 2)
#define CR0_TS (1ULL << 3)
#define CR0_ET (1ULL << 4)
#define CR0_NE (1ULL << 5)
#define CR0_WP (1ULL << 16)
#define CR0_AM (1ULL << 18)
#define CR0_NW (1ULL << 29)
#define CR0_CD (1ULL << 30)
#define CR0_PG (1ULL << 31)
#define CR4_VME (1ULL << 0)
#define CR4_PVI (1ULL << 1)
#define CR4_TSD (1ULL << 2)
#define CR4_DE (1ULL << 3)
#define CR4_PSE (1ULL << 4)
#define CR4_PAE (1ULL << 5)
#define CR4_MCE (1ULL << 6)
#define CR4_PGE (1ULL << 7)
#define CR4_PCE (1ULL << 8)
#define CR4_OSFXSR (1ULL << 9)
#define CR4_OSXMMEXCPT (1ULL << 10)
#define CR4_UMIP (1ULL << 11)
#define CR4_FSGSBASE (1ULL << 16)
#define CR4_PCIDE (1ULL << 17)
#define CR4_OSXSAVE (1ULL << 18)
#define CR4_SMEP (1ULL << 20)
#define CR4_SMAP (1ULL << 21)
#define CR4_PKE (1ULL << 22)

/* State components of XCR0 (SDM vol. 1, 13.1); the three of AVX-512 come together */
#define XSTATE_X87 (1ULL << 0)
#define XSTATE_SSE (1ULL << 1)
#define XSTATE_AVX (1ULL << 2)
#define XSTATE_AVX512 (7ULL << 5)
#define XSTATE_PKRU (1ULL << 9)
/* Bytes of an XSAVE area's legacy region and header (SDM vol. 1, 13.4.1 and 13.4.2) */
#define XSAVE_MIN_BYTES 576

/* RFLAGS (SDM vol. 1, 3.4.3) */
#define X86_CF (1ULL << 0)
#define X86_PF (1ULL << 2)
#define X86_AF (1ULL << 4)
#define X86_ZF (1ULL << 6)
#define X86_SF (1ULL << 7)
#define X86_TF (1ULL << 8)
#define X86_IF (1ULL << 9)
#define X86_DF (1ULL << 10)
#define X86_OF (1ULL << 11)
#define X86_IOPL (3ULL << 12)
#define X86_NT (1ULL << 14)
#define X86_RF (1ULL << 16)
#define X86_VM (1ULL << 17)
#define X86_AC (1ULL << 18)
#define X86_VIF (1ULL << 19)
#define X86_VIP (1ULL << 20)
#define X86_ID (1ULL << 21)

/* Model-specific registers (SDM vol. 4) */
#define MSR_TSC 0x10
#define MSR_APIC_BASE 0x1b
#define MSR_SPEC_CTRL 0x48
#define MSR_PRED_CMD 0x49
#define MSR_ARCH_CAPS 0x10a
#define ARCH_CAPS_GDS_CTRL (1ULL << 25)
#define ARCH_CAPS_GDS_NO (1ULL << 26)
#define MSR_FLUSH_CMD 0x10b
#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_PAT 0x277
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_FMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX 0xc0000103

#define EFER_SCE (1ULL << 0)
#define EFER_LME (1ULL << 8)
#define EFER_LMA (1ULL << 10)
#define EFER_NXE (1ULL << 11)
#define EFER_SVME (1ULL << 12)
#define EFER_FFXSE (1ULL << 14) /* fast FXSAVE */

/* What every PV guest is told PAT holds: WB WT UC- UC WC WP UC UC */
#define PAT_VALUE 0x0000050100070406ULL
/* and what it holds after a reset (SDM vol. 3, 11.12.4) */
#define PAT_RESET 0x0007040600070406ULL

/* Our selectors: in the page behind the guest's 14 pages of GDT (entry 7168 on) */
#define SEL_HV_CS 0xe008
#define SEL_HV_DS 0xe010
#define SEL_TSS 0xe040

/* RFLAGS, DR6 and DR7 without anything set: the bits that always are (SDM vol. 1, 3.4.3; vol. 3,
 * 17.2) */
#define RFLAGS_FIXED 2ULL
#define DR6_FIXED    0xffff0ff0ULL
#define DR7_FIXED    0x400ULL

/* DR7: a #DB before any MOV of a debug register; delivery clears it (SDM vol. 3, 17.2.4) */
#define DR7_GENERAL_DETECT (1u << 13)

/* Exception vectors (SDM vol. 3, 6.3) */
#define VEC_DE 0
#define VEC_DB 1
#define VEC_NMI 2
#define VEC_BP 3
#define VEC_OF 4
#define VEC_BR 5
#define VEC_UD 6
#define VEC_NM 7
#define VEC_DF 8
#define VEC_TS 10
#define VEC_NP 11
#define VEC_SS 12
#define VEC_GP 13
#define VEC_PF 14
#define VEC_MF 16
#define VEC_AC 17
#define VEC_MC 18
#define VEC_XM 19
#define VEC_CP 21

/* entry_vector of a frame that SYSRET may leave: SYSCALL made it (entry.S pushes it as -1), or it
 * is for a handler of the guest; and of one that SYSENTER made */
#define VEC_SYSCALL 0xffffffff
#define VEC_SYSENTER 256
/* to guest_fault() only: IRET to the guest refused its frame */
#define VEC_GUEST_IRET 257

/* #PF error code (SDM vol. 3, 4.7) */
#define PFEC_P 1
#define PFEC_W 2
#define PFEC_U 4
#define PFEC_RSVD 8
#define PFEC_I 16
