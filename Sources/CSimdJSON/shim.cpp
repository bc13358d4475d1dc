// All calls below report errors by code; this removes those that throw.
#define SIMDJSON_EXCEPTIONS 0

#include "CSimdJSON.h"

#include <cmath>
#include <cstring>
#include <new>
#include <simdjson.h>
#include <string_view>
#include <type_traits>

namespace dom = simdjson::dom;

struct csj_parser {
    dom::parser parser;
    size_t capacity;
    size_t levels;
};

namespace {

// The content of simdjson's elements and iterators: the document and a place on its tape. Their
// constructors are private, so a handle is turned into one by copying bytes.
struct place {
    const dom::document *document;
    size_t position;
};

template <typename T>
T at(const csj_parser *parser, uint64_t position) noexcept {
    static_assert(sizeof(T) == sizeof(place), "simdjson's handles have changed");
    static_assert(std::is_trivially_copyable<T>::value, "simdjson's handles have changed");
    place source = {&parser->parser.doc, static_cast<size_t>(position)};
    T handle;
    std::memcpy(static_cast<void *>(&handle), &source, sizeof handle);
    return handle;
}

template <typename T>
uint64_t position_of(const T &handle) noexcept {
    static_assert(sizeof(T) == sizeof(place), "simdjson's handles have changed");
    place source;
    std::memcpy(&source, &handle, sizeof source);
    return source.position;
}

dom::element element_at(const csj_parser *parser, csj_element element) noexcept {
    return at<dom::element>(parser, element.position);
}

template <typename T>
bool get(const csj_parser *parser, csj_element element, T *value) noexcept {
    return element_at(parser, element).get(*value) == simdjson::SUCCESS;
}

size_t smaller(size_t a, size_t b) noexcept { return a < b ? a : b; }

// Grows by doubling, so that a series of ever longer documents does not allocate each time.
simdjson::error_code make_room(csj_parser *parser, size_t count) noexcept {
    size_t room = 1 << 16;
    while (room < count) { room *= 2; }
    room = smaller(room, parser->capacity);
    if (parser->parser.capacity() >= count && parser->parser.capacity() > 0) {
        return simdjson::SUCCESS;
    }
    return parser->parser.allocate(room, parser->levels);
}

}  // namespace

csj_parser *csj_parser_create(size_t capacity, size_t depth) noexcept {
    // simdjson counts the document itself as a level.
    size_t levels = depth + 1;
    return new (std::nothrow) csj_parser{dom::parser(capacity), capacity, levels};
}

void csj_parser_destroy(csj_parser *parser) noexcept { delete parser; }

void csj_parser_release(csj_parser *parser) noexcept {
    parser->parser = dom::parser(parser->capacity);
}

csj_status csj_parse(csj_parser *parser, const uint8_t *bytes, size_t count,
                     csj_element *root) noexcept {
    if (count > parser->capacity) { return CSJ_TOO_LONG; }
    if (count == 0 || bytes == nullptr) { return CSJ_REFUSED; }
    if (make_room(parser, count) != simdjson::SUCCESS) { return CSJ_OUT_OF_MEMORY; }
    dom::element element;
    switch (parser->parser.parse(bytes, count, true).get(element)) {
    case simdjson::SUCCESS:
        root->position = position_of(element);
        return CSJ_PARSED;
    case simdjson::CAPACITY:
        return CSJ_TOO_LONG;
    case simdjson::MEMALLOC:
        return CSJ_OUT_OF_MEMORY;
    default:
        return CSJ_REFUSED;
    }
}

csj_type csj_type_of(const csj_parser *parser, csj_element element) noexcept {
    switch (element_at(parser, element).type()) {
    case dom::element_type::ARRAY: return CSJ_ARRAY;
    case dom::element_type::OBJECT: return CSJ_OBJECT;
    case dom::element_type::INT64: return CSJ_INT64;
    case dom::element_type::UINT64: return CSJ_UINT64;
    case dom::element_type::DOUBLE: return CSJ_DOUBLE;
    case dom::element_type::STRING: return CSJ_STRING;
    case dom::element_type::BOOL: return CSJ_BOOL;
    default: return CSJ_NULL;
    }
}

csj_cursor csj_children(const csj_parser *parser, csj_element element) noexcept {
    dom::array array;
    dom::object object;
    if (get(parser, element, &array)) {
        return {position_of(array.begin()), position_of(array.end())};
    }
    if (get(parser, element, &object)) {
        return {position_of(object.begin()), position_of(object.end())};
    }
    return {0, 0};
}

bool csj_next_element(const csj_parser *parser, csj_cursor *cursor,
                      csj_element *element) noexcept {
    if (cursor->next >= cursor->end) { return false; }
    auto iterator = at<dom::array::iterator>(parser, cursor->next);
    element->position = position_of(*iterator);
    cursor->next = position_of(++iterator);
    return true;
}

bool csj_next_member(const csj_parser *parser, csj_cursor *cursor, const char **key,
                     size_t *key_count, csj_element *element) noexcept {
    if (cursor->next >= cursor->end) { return false; }
    auto iterator = at<dom::object::iterator>(parser, cursor->next);
    std::string_view text = iterator.key();
    *key = text.data();
    *key_count = text.size();
    element->position = position_of(iterator.value());
    cursor->next = position_of(++iterator);
    return true;
}

bool csj_get_bool(const csj_parser *parser, csj_element element, bool *value) noexcept {
    return get(parser, element, value);
}

bool csj_get_int64(const csj_parser *parser, csj_element element, int64_t *value) noexcept {
    return get(parser, element, value);
}

bool csj_get_uint64(const csj_parser *parser, csj_element element, uint64_t *value) noexcept {
    return get(parser, element, value);
}

bool csj_get_double(const csj_parser *parser, csj_element element, double *value) noexcept {
    return get(parser, element, value);
}

bool csj_get_string(const csj_parser *parser, csj_element element, const char **bytes,
                    size_t *count) noexcept {
    std::string_view text;
    if (!get(parser, element, &text)) { return false; }
    *bytes = text.data();
    *count = text.size();
    return true;
}

csj_copy_end csj_copy_floats(const csj_parser *parser, csj_element element, float *floats,
                             size_t room, size_t *copied) noexcept {
    *copied = 0;
    dom::array array;
    if (!get(parser, element, &array)) { return CSJ_NOT_A_NUMBER; }
    for (dom::element child : array) {
        if (*copied == room) { return CSJ_TOO_MANY; }
        double value;
        if (child.get(value) != simdjson::SUCCESS) { return CSJ_NOT_A_NUMBER; }
        float rounded = static_cast<float>(value);
        if (!std::isfinite(rounded)) { return CSJ_NOT_FINITE; }
        floats[(*copied)++] = rounded;
    }
    return CSJ_COPIED;
}
