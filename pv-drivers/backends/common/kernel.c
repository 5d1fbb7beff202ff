/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's back ends bind every device of their class the moment it appears. They may be
 * unbound from one (allow_rebind in Linux): the device's state stays as it is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pv-drivers/backends/common/device.h"

bool kernel_lets_go(const struct device *d, enum xenbus_state own)
{
    char driver[64], path[128];
    int fd;

    snprintf(driver, sizeof(driver), "/sys/bus/xen-backend/drivers/%s", d->kind->class);
    snprintf(path, sizeof(path), "%s/%s", driver, d->name);
    if (access(path, F_OK)) /* not the kernel's: never, or not yet */
        return own != XenbusStateInitialising || access(driver, F_OK) || loop_now() > d->patience;
    /* (while its probe function runs, this waits for that) */
    snprintf(path, sizeof(path), "%s/unbind", driver);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    (void)!write(fd, d->name, strlen(d->name));
    close(fd);
    snprintf(path, sizeof(path), "%s/%s", driver, d->name);
    return access(path, F_OK);
}
