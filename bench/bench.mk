# SPDX-License-Identifier: BSD-2-Clause
# The programs that measurements run inside of dom0 and guests, see docs/bench.md.

oplist-cflags := -std=gnu17 -O2 -Wall -Wextra -Werror -Wmissing-prototypes -fno-strict-aliasing
oplist-libs := -lxencall -lxenevtchn -lxengnttab -lxenstore -lxentoolcore -lxentoollog

# (static: it runs in ramdisks that have no libraries)
$(BUILD)/oplist: $(wildcard bench/oplist/*.[ch]) | $(BUILD)/packages.build
	@mkdir -p $(@D)
	@echo "  LD oplist"
	@$(CC) $(oplist-cflags) -static -s -o $@ $(filter %.c,$^) $(oplist-libs)

.PHONY: oplist
oplist: $(BUILD)/oplist
