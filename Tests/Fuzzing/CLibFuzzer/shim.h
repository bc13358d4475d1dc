// libFuzzer as a library. Its driver parses the command line and calls back with every input.
#ifndef HEADSERVE_CLIBFUZZER_SHIM_H
#define HEADSERVE_CLIBFUZZER_SHIM_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(
    int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv,
    int (*_Nonnull callback)(const uint8_t *_Nullable start, size_t count));

#endif
