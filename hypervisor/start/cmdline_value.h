/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of options that are more than a number or a word; private to the command line. */
#pragma once

#include "start/cmdline.h"

/* Each returns false, with the options unchanged, when the value has not the option's form. */
bool cmdline_value_com1(struct options *options, const char *value);
bool cmdline_value_com2(struct options *options, const char *value);
bool cmdline_value_console(struct options *options, const char *value);
bool cmdline_value_vga(struct options *options, const char *value);
bool cmdline_value_loglvl(struct options *options, const char *value);
bool cmdline_value_guest_loglvl(struct options *options, const char *value);
bool cmdline_value_timestamps(struct options *options, const char *value);
bool cmdline_value_conswitch(struct options *options, const char *value);
bool cmdline_value_spec_ctrl(struct options *options, const char *value);
bool cmdline_value_reboot(struct options *options, const char *value);
bool cmdline_value_badpage(struct options *options, const char *value);
bool cmdline_value_watchdog(struct options *options, const char *value);
bool cmdline_value_watchdog_timeout(struct options *options, const char *value);
bool cmdline_value_nosmp(struct options *options, const char *value);
bool cmdline_value_dom0(struct options *options, const char *value);
bool cmdline_value_dom0_mem(struct options *options, const char *value);
bool cmdline_value_dom0_max_vcpus(struct options *options, const char *value);
bool cmdline_value_sched(struct options *options, const char *value);
bool cmdline_value_gnttab(struct options *options, const char *value);
bool cmdline_value_ept(struct options *options, const char *value);
