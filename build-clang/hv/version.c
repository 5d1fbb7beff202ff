const char zendo_version[] = "6204763-dirty"; const char zendo_compiler[] = "Debian clang version 14.0.6";
