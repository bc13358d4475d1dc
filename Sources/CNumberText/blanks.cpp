#include "CNumberText.h"

#include "bytes.hpp"

namespace {

/* Bytes that are looked at together, as vectors of any width. */
constexpr size_t block = 64;
/* Blanks of an ordinary text that follow each other, which are skipped one by one. */
constexpr size_t usual = 16;

bool is_blank(const uint8_t *bytes) {
    uint8_t others = 0;
    for (size_t index = 0; index < block; ++index) { others |= !is_space(bytes[index]); }
    return others == 0;
}

/* The line feeds of `blocks` blocks, of which there are 255 at most: a byte holds their count. */
size_t count_lines(const uint8_t *bytes, size_t blocks) {
    uint8_t found[block] = {};
    for (size_t start = 0; start < blocks * block; start += block) {
        for (size_t index = 0; index < block; ++index) {
            found[index] += bytes[start + index] == '\n';
        }
    }
    size_t lines = 0;
    for (uint8_t count : found) { lines += count; }
    return lines;
}

} // namespace

size_t cnt_skip_space(const uint8_t *bytes, size_t count, size_t offset) noexcept {
    size_t near = count - offset < usual ? count : offset + usual;
    while (offset < near && is_space(bytes[offset])) { ++offset; }
    if (offset < near) { return offset; }
    while (count - offset >= block && is_blank(bytes + offset)) { offset += block; }
    while (offset < count && is_space(bytes[offset])) { ++offset; }
    return offset;
}

size_t cnt_count_lines(const uint8_t *bytes, size_t count) noexcept {
    constexpr size_t most = 255;
    size_t lines = 0;
    size_t start = 0;
    while (count - start >= block) {
        size_t blocks = (count - start) / block < most ? (count - start) / block : most;
        lines += count_lines(bytes + start, blocks);
        start += blocks * block;
    }
    for (; start < count; ++start) { lines += bytes[start] == '\n'; }
    return lines;
}
