	.text
	.file	"asm_offsets.c"
	.hidden	asm_offsets                     # -- Begin function asm_offsets
	.globl	asm_offsets
	.p2align	4, 0x90
	.type	asm_offsets,@function
asm_offsets:                            # @asm_offsets
.Lfunc_begin0:
	.file	0 "/work/wt/host" "hypervisor/cpu/asm_offsets.c" md5 0xd015a461e34928227a7f76d7263d8e3b
	.loc	0 12 0                          # hypervisor/cpu/asm_offsets.c:12:0
	.cfi_sections .debug_frame
	.cfi_startproc
# %bb.0:
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
.Ltmp0:
	.loc	0 13 5 prologue_end             # hypervisor/cpu/asm_offsets.c:13:5
	#APP
	# OFFSET REGS_R15 0
	#NO_APP
	.loc	0 14 5                          # hypervisor/cpu/asm_offsets.c:14:5
	#APP
	# OFFSET REGS_R14 8
	#NO_APP
	.loc	0 15 5                          # hypervisor/cpu/asm_offsets.c:15:5
	#APP
	# OFFSET REGS_R13 16
	#NO_APP
	.loc	0 16 5                          # hypervisor/cpu/asm_offsets.c:16:5
	#APP
	# OFFSET REGS_R12 24
	#NO_APP
	.loc	0 17 5                          # hypervisor/cpu/asm_offsets.c:17:5
	#APP
	# OFFSET REGS_RBP 32
	#NO_APP
	.loc	0 18 5                          # hypervisor/cpu/asm_offsets.c:18:5
	#APP
	# OFFSET REGS_RBX 40
	#NO_APP
	.loc	0 19 5                          # hypervisor/cpu/asm_offsets.c:19:5
	#APP
	# OFFSET REGS_R11 48
	#NO_APP
	.loc	0 20 5                          # hypervisor/cpu/asm_offsets.c:20:5
	#APP
	# OFFSET REGS_R10 56
	#NO_APP
	.loc	0 21 5                          # hypervisor/cpu/asm_offsets.c:21:5
	#APP
	# OFFSET REGS_R9 64
	#NO_APP
	.loc	0 22 5                          # hypervisor/cpu/asm_offsets.c:22:5
	#APP
	# OFFSET REGS_R8 72
	#NO_APP
	.loc	0 23 5                          # hypervisor/cpu/asm_offsets.c:23:5
	#APP
	# OFFSET REGS_RAX 80
	#NO_APP
	.loc	0 24 5                          # hypervisor/cpu/asm_offsets.c:24:5
	#APP
	# OFFSET REGS_RCX 88
	#NO_APP
	.loc	0 25 5                          # hypervisor/cpu/asm_offsets.c:25:5
	#APP
	# OFFSET REGS_RDX 96
	#NO_APP
	.loc	0 26 5                          # hypervisor/cpu/asm_offsets.c:26:5
	#APP
	# OFFSET REGS_RSI 104
	#NO_APP
	.loc	0 27 5                          # hypervisor/cpu/asm_offsets.c:27:5
	#APP
	# OFFSET REGS_RDI 112
	#NO_APP
	.loc	0 28 5                          # hypervisor/cpu/asm_offsets.c:28:5
	#APP
	# OFFSET REGS_ERROR 120
	#NO_APP
	.loc	0 29 5                          # hypervisor/cpu/asm_offsets.c:29:5
	#APP
	# OFFSET REGS_VECTOR 124
	#NO_APP
	.loc	0 30 5                          # hypervisor/cpu/asm_offsets.c:30:5
	#APP
	# OFFSET REGS_RIP 128
	#NO_APP
	.loc	0 31 5                          # hypervisor/cpu/asm_offsets.c:31:5
	#APP
	# OFFSET REGS_CS 136
	#NO_APP
	.loc	0 32 5                          # hypervisor/cpu/asm_offsets.c:32:5
	#APP
	# OFFSET REGS_RFLAGS 144
	#NO_APP
	.loc	0 33 5                          # hypervisor/cpu/asm_offsets.c:33:5
	#APP
	# OFFSET REGS_RSP 152
	#NO_APP
	.loc	0 34 5                          # hypervisor/cpu/asm_offsets.c:34:5
	#APP
	# OFFSET REGS_SS 160
	#NO_APP
	.loc	0 35 5                          # hypervisor/cpu/asm_offsets.c:35:5
	#APP
	# OFFSET REGS_ES 168
	#NO_APP
	.loc	0 36 5                          # hypervisor/cpu/asm_offsets.c:36:5
	#APP
	# OFFSET VCPU_HOST_STACK 0
	#NO_APP
	.loc	0 37 5                          # hypervisor/cpu/asm_offsets.c:37:5
	#APP
	# OFFSET VCPU_REGS 8
	#NO_APP
	.loc	0 38 5                          # hypervisor/cpu/asm_offsets.c:38:5
	#APP
	# OFFSET PERCPU_CURRENT 0
	#NO_APP
	.loc	0 39 5                          # hypervisor/cpu/asm_offsets.c:39:5
	#APP
	# OFFSET PERCPU_SYSCALL_RSP 16
	#NO_APP
	.loc	0 40 5                          # hypervisor/cpu/asm_offsets.c:40:5
	#APP
	# OFFSET PERCPU_SYSCALL_FRAME_TOP 24
	#NO_APP
	.loc	0 41 1                          # hypervisor/cpu/asm_offsets.c:41:1
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	retq
.Ltmp1:
.Lfunc_end0:
	.size	asm_offsets, .Lfunc_end0-asm_offsets
	.cfi_endproc
                                        # -- End function
	.section	.debug_abbrev,"",@progbits
	.byte	1                               # Abbreviation Code
	.byte	17                              # DW_TAG_compile_unit
	.byte	1                               # DW_CHILDREN_yes
	.byte	37                              # DW_AT_producer
	.byte	37                              # DW_FORM_strx1
	.byte	19                              # DW_AT_language
	.byte	5                               # DW_FORM_data2
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	114                             # DW_AT_str_offsets_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	16                              # DW_AT_stmt_list
	.byte	23                              # DW_FORM_sec_offset
	.byte	27                              # DW_AT_comp_dir
	.byte	37                              # DW_FORM_strx1
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	115                             # DW_AT_addr_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	2                               # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	0                               # DW_CHILDREN_no
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	64                              # DW_AT_frame_base
	.byte	24                              # DW_FORM_exprloc
	.byte	122                             # DW_AT_call_all_calls
	.byte	25                              # DW_FORM_flag_present
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	58                              # DW_AT_decl_file
	.byte	11                              # DW_FORM_data1
	.byte	59                              # DW_AT_decl_line
	.byte	11                              # DW_FORM_data1
	.byte	39                              # DW_AT_prototyped
	.byte	25                              # DW_FORM_flag_present
	.byte	63                              # DW_AT_external
	.byte	25                              # DW_FORM_flag_present
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	0                               # EOM(3)
	.section	.debug_info,"",@progbits
.Lcu_begin0:
	.long	.Ldebug_info_end0-.Ldebug_info_start0 # Length of Unit
.Ldebug_info_start0:
	.short	5                               # DWARF version number
	.byte	1                               # DWARF Unit Type
	.byte	8                               # Address Size (in bytes)
	.long	.debug_abbrev                   # Offset Into Abbrev. Section
	.byte	1                               # Abbrev [1] 0xc:0x23 DW_TAG_compile_unit
	.byte	0                               # DW_AT_producer
	.short	12                              # DW_AT_language
	.byte	1                               # DW_AT_name
	.long	.Lstr_offsets_base0             # DW_AT_str_offsets_base
	.long	.Lline_table_start0             # DW_AT_stmt_list
	.byte	2                               # DW_AT_comp_dir
	.byte	0                               # DW_AT_low_pc
	.long	.Lfunc_end0-.Lfunc_begin0       # DW_AT_high_pc
	.long	.Laddr_table_base0              # DW_AT_addr_base
	.byte	2                               # Abbrev [2] 0x23:0xb DW_TAG_subprogram
	.byte	0                               # DW_AT_low_pc
	.long	.Lfunc_end0-.Lfunc_begin0       # DW_AT_high_pc
	.byte	1                               # DW_AT_frame_base
	.byte	86
                                        # DW_AT_call_all_calls
	.byte	3                               # DW_AT_name
	.byte	0                               # DW_AT_decl_file
	.byte	11                              # DW_AT_decl_line
                                        # DW_AT_prototyped
                                        # DW_AT_external
	.byte	0                               # End Of Children Mark
.Ldebug_info_end0:
	.section	.debug_str_offsets,"",@progbits
	.long	20                              # Length of String Offsets Set
	.short	5
	.short	0
.Lstr_offsets_base0:
	.section	.debug_str,"MS",@progbits,1
.Linfo_string0:
	.asciz	"Debian clang version 14.0.6"   # string offset=0
.Linfo_string1:
	.asciz	"hypervisor/cpu/asm_offsets.c"  # string offset=28
.Linfo_string2:
	.asciz	"/work/wt/host"                 # string offset=57
.Linfo_string3:
	.asciz	"asm_offsets"                   # string offset=71
	.section	.debug_str_offsets,"",@progbits
	.long	.Linfo_string0
	.long	.Linfo_string1
	.long	.Linfo_string2
	.long	.Linfo_string3
	.section	.debug_addr,"",@progbits
	.long	.Ldebug_addr_end0-.Ldebug_addr_start0 # Length of contribution
.Ldebug_addr_start0:
	.short	5                               # DWARF version number
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
.Laddr_table_base0:
	.quad	.Lfunc_begin0
.Ldebug_addr_end0:
	.ident	"Debian clang version 14.0.6"
	.section	".note.GNU-stack","",@progbits
	.addrsig
	.section	.debug_line,"",@progbits
.Lline_table_start0:
