"""Programs whose wall clock is off, while the clock since boot goes on as it does."""

import os
import subprocess

from .process import unprivileged

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int
clock_gettime(clockid_t clock, struct timespec *out)
{
	static int (*real)(clockid_t, struct timespec *);
	static long offset;
	if (!real) {
		offset = atol(getenv("CLOCK_OFFSET"));
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	}
	int result = real(clock, out);
	if (clock == CLOCK_REALTIME)
		out->tv_sec += offset;
	return result;
}
"""


class Clock:
    def __init__(self, site):
        self.site, self.library = site, site.path("shim.so")
        with open(site.path("shim.c"), "w", encoding="utf-8") as source:
            source.write(SHIM)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", self.library, site.path("shim.c"), "-ldl"], check=True,
                       timeout=60)
        os.chmod(self.library, 0o755)

    def start(self, offset):
        """Restarts the worker, with its clock off by this many seconds."""
        self.site.stop()
        self.site.start(wrapper=["env", f"LD_PRELOAD={self.library}", f"CLOCK_OFFSET={offset}"])

    def run(self, offset, *arguments):
        """Runs a command with such a clock."""
        subprocess.run([self.site.path("bin", "pintle"), "--config", self.site.path("pintle.conf"), *arguments],
                       env={**os.environ, "LD_PRELOAD": self.library, "CLOCK_OFFSET": str(offset)}, check=True,
                       capture_output=True, timeout=60, **unprivileged())
