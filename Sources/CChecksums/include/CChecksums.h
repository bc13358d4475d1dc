#ifndef CCHECKSUMS_H
#define CCHECKSUMS_H

/* The checksums of gzip (RFC 1952) and of zlib's format (RFC 1950), which zlib computes at 3 bytes
   a nanosecond: text that repeats takes it less time to inflate. Each continues a sum over bytes
   that follow the earlier ones; one over no bytes is 0 for CRC-32 and 1 for Adler-32. */

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

uint32_t csm_crc32(uint32_t sum, const uint8_t *bytes, size_t count);
uint32_t csm_adler32(uint32_t sum, const uint8_t *bytes, size_t count);

#pragma clang assume_nonnull end

#endif
