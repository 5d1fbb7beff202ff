# SPDX-License-Identifier: BSD-2-Clause
# User-space back ends, see pv-drivers/backends/README.md.

backends-cflags := -std=gnu17 -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes -D_GNU_SOURCE -fno-strict-aliasing \
  -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -I.
backends-ldflags := -pie -Wl,-z,relro,-z,now
backend-objects = $(patsubst pv-drivers/%.c,$(BUILD)/pv-drivers/%.o,$(wildcard pv-drivers/backends/common/*.c \
  pv-drivers/backends/$(1)/*.c))

$(BUILD)/packages.backends: pv-drivers/backends/packages.txt build-packages.txt
	@mkdir -p $(@D)
	@./packages.sh $^
	@touch $@

$(BUILD)/pv-drivers/backends/%.o: pv-drivers/backends/%.c | $(BUILD)/packages.backends
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(backends-cflags) -MMD -MP -c -o $@ $<

$(BUILD)/zendo-netd: $(call backend-objects,netd)
	@echo "  LD zendo-netd"
	@$(CC) $(backends-ldflags) -o $@ $^ -lxengnttab -lxenevtchn -lxenstore -luring

$(BUILD)/zendo-blkd: $(call backend-objects,blkd)
	@echo "  LD zendo-blkd"
	@$(CC) $(backends-ldflags) -o $@ $^ -lxengnttab -lxenevtchn -lxenstore -luring

-include $(wildcard $(BUILD)/pv-drivers/backends/*/*.d)

.PHONY: backends backends-deb
backends: $(BUILD)/zendo-blkd $(BUILD)/zendo-netd ## back ends for dom0 or a driver domain: build/zendo-blkd, -netd
backends-deb: backends ## their Debian package, build/zendo-backends_*.deb
	@pv-drivers/backends/deb.sh $(BUILD)
