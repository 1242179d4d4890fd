#include <cpuinfo.h>

#include "minnow.h"

const char *minnow_cpu_name(void) {
    if (!cpuinfo_initialize() || cpuinfo_get_packages_count() == 0) return "unknown CPU";
    const struct cpuinfo_package *package = cpuinfo_get_package(0);
    return package->name[0] ? package->name : "unknown CPU";
}
