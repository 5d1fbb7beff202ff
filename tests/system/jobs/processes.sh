# SPDX-License-Identifier: BSD-2-Clause
# Many short processes: page tables built, copied and torn down, FPU state switched. Every one must
# give the right answer. ZENDO_ROUNDS: how often (default 200, about 14 processes each).
. /lib/zendo.sh
rounds=${ZENDO_ROUNDS:-200}
bad=0
i=0
while [ $i -lt "$rounds" ]; do
    i=$((i + 1))
    a=$(hostname | tr 'd' '\n' | sed -n 's,^om,OM,p' | cut -c1-2)
    b=$(echo "$i" | busybox sh -c 'read -r n; echo $((n * 2))' | busybox awk '{ print $1 / 2 }')
    c=$(echo "$i" | bash -c 'read -r n; echo $((n + 1))' | sha256sum | cut -c1-8)
    d=$(echo $((i + 1)) | sha256sum | cut -c1-8)
    if [ "$a" != OM ] || [ "$b" != "$i" ] || [ "$c" != "$d" ]; then
        bad=$((bad + 1))
        echo "round $i: '$a' '$b' '$c' '$d'"
    fi
done
if [ $bad = 0 ]; then
    result processes ok "$rounds rounds uptime=$(uptime_now)"
else
    result processes fail "$bad of $rounds rounds gave wrong answers"
fi
