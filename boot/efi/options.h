/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of zendo.efi: the same as that of xen.efi (xen-doc: misc/efi). */
#pragma once

#include "boot/common/config.h"

struct options {
    struct config_text config;  /* -cfg=NAME */
    struct config_text section; /* first word that is no option */
    struct config_text extra;   /* everything after -- */
    struct config_text unknown; /* an option that is not known */
    int base_video;             /* -basevideo: leave the video mode alone */
    int help;                   /* -help, -h, -?; also with / */
};

/*
 * Takes the line apart. `self` is the program's file name without folder: shells pass it as first
 * word, boot managers do not, so a first word that equals it (or ends in .efi) is dropped.
 */
void options_parse(struct config_text line, struct config_text self, struct options *options);

/* Parses "gfx-WIDTH[xHEIGHT[xDEPTH]]"; missing numbers are 0. Returns 0, or -1 for anything
 * else. */
int options_video(struct config_text text, unsigned number[3]);
