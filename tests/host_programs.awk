# SPDX-License-Identifier: BSD-2-Clause
# Turns the `/* sources: ... */` comments in the first 20 lines of host programs into make variables.
FNR <= 20 && match($0, /^\/\* (sources|cflags|libs): .* \*\/$/) {
    keyword = $2
    sub(/:$/, "", keyword)
    value = $0
    sub(/^\/\* [a-z]+: */, "", value)
    sub(/ *\*\/$/, "", value)
    print "host-" keyword "-" FILENAME " += " value
}
