# SPDX-License-Identifier: BSD-2-Clause
"""Boot a hypervisor with a dom0 in an emulator and watch its console."""
