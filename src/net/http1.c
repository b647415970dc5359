#include "net/http1.h"

typedef enum State {
        STATE_STATUS,
        STATE_FIELDS,
        STATE_LENGTH,
        STATE_UNTIL_CLOSE,
        STATE_CHUNK_SIZE,
        STATE_CHUNK_DATA,
        STATE_CHUNK_END,
        STATE_TRAILERS,
        STATE_DONE,
        STATE_BAD,
} State;

/* Private to the steps: go on in the new state. */
#define HTTP1_AGAIN ((Http1Event)-1)

typedef struct FaultRow {
        const char *text;
        Http1FaultClass fault_class;
} FaultRow;

static const FaultRow fault_rows[] = {
#define X(id, fault_class, text) { text, HTTP1_CLASS_##fault_class },
        HTTP1_FAULTS(X)
#undef X
};

const char *http1_fault_text(Http1Fault fault)
{
        return fault_rows[fault].text;
}

Http1FaultClass http1_fault_class(Http1Fault fault)
{
        return fault_rows[fault].fault_class;
}

void http1_init(Http1 *p, Arena *arena)
{
        *p = (Http1){ .line = buf_in(arena, HTTP1_MAX_HEAD) };
        http1_begin(p, false);
}

static void reset_head(Http1 *p)
{
        p->state = STATE_STATUS;
        p->budget = HTTP1_MAX_HEAD;
        p->fields = 0;
        p->last_field = 0;
        p->has_length = p->chunked = p->has_coding = false;
        p->content_length = 0;
}

void http1_begin(Http1 *p, bool head_request)
{
        reset_head(p);
        p->status = 0;
        p->fault = HTTP1_FAULT_NONE;
        p->interim = 0;
        p->body_bytes = p->left = 0;
        p->keep_alive = p->started = false;
        p->head_request = head_request;
        if (p->line.len)
                buf_clear(&p->line);
}

static Http1Event bad(Http1 *p, Http1Fault fault)
{
        p->state = STATE_BAD;
        p->fault = (uint8_t)fault;
        return HTTP1_BAD;
}

static Span without_cr(Span line)
{
        if (line.len && line.ptr[line.len - 1] == '\r')
                line.len--;
        return line;
}

/* A line that did not come in one piece: collected in p->line. */
static bool line_from_pieces(Http1 *p, Span *in, size_t n, bool complete, Span *ret_line)
{
        buf_bytes(&p->line, in->ptr, n);
        *in = span_from(*in, n);
        if (UNLIKELY(p->line.overflowed)) /* the arena's ceiling, below ours */
                p->budget = 0;
        if (!complete || !p->budget)
                return false;
        *ret_line = without_cr(span_first(buf_span(&p->line), p->line.len - 1));
        p->line.len = 0; /* not buf_clear(): the line is still to be read */
        return true;
}

/* The next line without its end; false when it is not complete or (p->budget 0) too long. */
static inline bool next_line(Http1 *p, Span *in, Span *ret_line)
{
        const char *end = in->len ? memchr(in->ptr, '\n', in->len) : NULL;
        size_t n = end ? (size_t)(end - in->ptr) + 1 : in->len;

        if (UNLIKELY(n >= p->budget)) {
                p->budget = 0;
                return false;
        }
        p->budget -= n;
        if (UNLIKELY(!end || p->line.len))
                return line_from_pieces(p, in, n, end != NULL, ret_line);
        *ret_line = without_cr((Span){ in->ptr, n - 1 });
        in->ptr += n;
        in->len -= n;
        return true;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* "HTTP/1.x nnn" and then nothing or " reason". */
static bool read_status(Http1 *p, Span line)
{
        const char *s = line.ptr;

        if (line.len < 12 || !is_digit(s[7]) || s[8] != ' ' || s[9] < '1' || s[9] > '9' ||
            !is_digit(s[10]) || !is_digit(s[11]) || (line.len > 12 && s[12] != ' '))
                return false;
        p->minor_version = (uint8_t)(s[7] - '0');
        p->status = (uint16_t)((s[9] - '0') * 100 + (s[10] - '0') * 10 + (s[11] - '0'));
        p->keep_alive = p->minor_version >= 1;
        return true;
}

/* Garbage need not contain a line end, so the first bytes are judged as they come. */
static bool starts_like_http(const Http1 *p, Span in)
{
        static const char prefix[] = "HTTP/1.";
        size_t had = MIN(p->line.len, sizeof(prefix) - 1);

        return memcmp(in.ptr, prefix + had, MIN(in.len, sizeof(prefix) - 1 - had)) == 0;
}

static Http1Event status_step(Http1 *p, Span *in, Span *piece UNUSED)
{
        Span line;

        if (in->len == 0)
                return HTTP1_MORE;
        p->started = true;
        if (!starts_like_http(p, *in))
                return bad(p, HTTP1_FAULT_NOT_HTTP);
        if (!next_line(p, in, &line))
                return p->budget ? HTTP1_MORE : bad(p, HTTP1_FAULT_HEAD_SIZE);
        if (!read_status(p, line))
                return bad(p, HTTP1_FAULT_STATUS_LINE);
        p->state = STATE_FIELDS;
        return HTTP1_AGAIN;
}

/* RFC 9110 5.6.2: the bytes of a token. */
static const bool token_bytes[256] = {
        ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1,         ['&'] = 1,         ['\''] = 1,
        ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,         ['^'] = 1,         ['_'] = 1,
        ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

/* Cuts "Name: value"; false when it is not one. The line ends with CR or LF, which no token
 * holds: the name's end is found without counting. */
static inline bool cut_field(Span line, Span *ret_name, Span *ret_value)
{
        const char *at = line.ptr, *end = line.ptr + line.len;

        while (token_bytes[(unsigned char)*at])
                at++;
        *ret_name = (Span){ line.ptr, (size_t)(at - line.ptr) };
        if (UNLIKELY(at == line.ptr || at == end || *at != ':'))
                return false;
        at++;
        while (at < end && (*at == ' ' || *at == '\t'))
                at++;
        while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
                end--;
        *ret_value = (Span){ at, (size_t)(end - at) };
        return true;
}

/* ASCII letters and '-' in any case against lower case: setting the bit 0x20 folds them. */
static inline bool is_word(Span s, const char *lower, size_t n)
{
        size_t i = 0;

        if (s.len != n)
                return false;
        while (i < n && (s.ptr[i] | 0x20) == lower[i])
                i++;
        return i == n;
}
#define IS_WORD(span, literal) is_word((span), (literal), sizeof(literal) - 1)

static bool take_length(Http1 *p, uint64_t length)
{
        if (p->has_length && p->content_length != length)
                return false;
        p->has_length = true;
        p->content_length = length;
        return true;
}

/* "5", or a length said several times: "5, 5". */
static bool read_length(Http1 *p, Span value)
{
        uint64_t length = 0;
        size_t n = 0;

        while (n < value.len && n < 18 && is_digit(value.ptr[n]))
                length = length * 10 + (uint64_t)(value.ptr[n++] - '0');
        if (LIKELY(n && n == value.len))
                return take_length(p, length);
        while (value.ptr) {
                Span one = span_trim(span_cut(&value, ','));

                if (span_to_u64(one, &length, NULL) < 0 || length > INT64_MAX ||
                    !take_length(p, length))
                        return false;
        }
        return true;
}

/* Whether the last coding is "chunked" decides; codings may come in several lines. */
static bool read_coding(Http1 *p, Span value)
{
        p->has_coding = true;
        while (value.ptr) {
                Span coding = span_trim(span_cut(&value, ','));

                if (coding.len)
                        p->chunked = IS_WORD(coding, "chunked");
        }
        return true;
}

static void take_option(Http1 *p, Span option)
{
        if (IS_WORD(option, "close"))
                p->keep_alive = false;
        else if (p->minor_version == 0 && IS_WORD(option, "keep-alive"))
                p->keep_alive = true;
}

static bool read_connection(Http1 *p, Span value)
{
        if (LIKELY(span_find_byte(value, ',') < 0)) {
                take_option(p, value);
                return true;
        }
        while (value.ptr)
                take_option(p, span_trim(span_cut(&value, ',')));
        return true;
}

typedef struct FramingField {
        const char *name;
        bool (*read)(Http1 *, Span);
} FramingField;

/* The fields that say where the body ends; their lengths differ, so the length finds the row. */
static const FramingField framing_fields[] = {
        [10] = { "connection", read_connection },
        [14] = { "content-length", read_length },
        [17] = { "transfer-encoding", read_coding },
};

static inline const FramingField *framing_field(Span name)
{
        const FramingField *field;

        if (name.len >= COUNT(framing_fields))
                return NULL;
        field = &framing_fields[name.len];
        return field->read && is_word(name, field->name, name.len) ? field : NULL;
}

static Http1Fault read_field(Http1 *p, Span line)
{
        const FramingField *field;

        if (++p->fields > HTTP1_MAX_FIELDS)
                return HTTP1_FAULT_FIELD_COUNT;
        p->name = (Span){ 0 };
        if (line.ptr[0] == ' ' || line.ptr[0] == '\t') /* continues the line before */
                return p->fields == 1 || p->last_field ? HTTP1_FAULT_FIELD : HTTP1_FAULT_NONE;
        if (!cut_field(line, &p->name, &p->value))
                return HTTP1_FAULT_FIELD;
        field = framing_field(p->name);
        p->last_field = field != NULL;
        if (field && !field->read(p, p->value))
                return HTTP1_FAULT_LENGTH;
        return HTTP1_FAULT_NONE;
}

static State body_state(Http1 *p)
{
        bool none = p->head_request || p->status < 200 || p->status == 204 || p->status == 304;

        if (p->status == 101) /* another protocol follows: nothing more of HTTP */
                p->keep_alive = false;
        if (none)
                return STATE_DONE;
        if (p->has_coding) {
                /* Both framings at once is how answers are smuggled: do not reuse the connection.
                 */
                if (p->has_length || p->minor_version == 0 || !p->chunked)
                        p->keep_alive = false;
                p->has_length = false;
                p->budget = HTTP1_MAX_CHUNK_LINE;
                return p->chunked ? STATE_CHUNK_SIZE : STATE_UNTIL_CLOSE;
        }
        if (!p->has_length) {
                p->keep_alive = false;
                return STATE_UNTIL_CLOSE;
        }
        p->left = p->content_length;
        return p->left ? STATE_LENGTH : STATE_DONE;
}

static Http1Event end_of_head(Http1 *p)
{
        if (p->status >= 100 && p->status < 200 && p->status != 101) {
                if (++p->interim > HTTP1_MAX_INTERIM)
                        return bad(p, HTTP1_FAULT_INTERIM);
                reset_head(p);
                return HTTP1_AGAIN;
        }
        p->state = body_state(p);
        return HTTP1_HEAD;
}

static Http1Event fields_step(Http1 *p, Span *in, Span *piece UNUSED)
{
        Span line;

        while (next_line(p, in, &line)) {
                Http1Fault fault;

                if (line.len == 0)
                        return end_of_head(p);
                fault = read_field(p, line);
                if (UNLIKELY(fault))
                        return bad(p, fault);
                if (p->wants_headers && p->name.len)
                        return HTTP1_HEADER;
        }
        return p->budget ? HTTP1_MORE : bad(p, HTTP1_FAULT_HEAD_SIZE);
}

static Http1Event give_body(Http1 *p, Span *in, size_t n, Span *piece)
{
        *piece = span_first(*in, n);
        *in = span_from(*in, n);
        p->body_bytes += n;
        return HTTP1_BODY;
}

/* A piece of a body or chunk whose length is known; `after` follows its last byte. */
static Http1Event counted_step(Http1 *p, Span *in, Span *piece, State after)
{
        size_t n = in->len < p->left ? in->len : (size_t)p->left;

        if (n == 0)
                return HTTP1_MORE;
        p->left -= n;
        if (p->left == 0)
                p->state = after;
        return give_body(p, in, n, piece);
}

static Http1Event length_step(Http1 *p, Span *in, Span *piece)
{
        return counted_step(p, in, piece, STATE_DONE);
}

static Http1Event until_close_step(Http1 *p, Span *in, Span *piece)
{
        return in->len ? give_body(p, in, in->len, piece) : HTTP1_MORE;
}

/* Hexadecimal digits, then nothing, white space or ";extension". */
static bool read_chunk_size(Span line, uint64_t *ret)
{
        ptrdiff_t semicolon = span_find_byte(line, ';');
        Span digits = semicolon < 0 ? line : span_first(line, (size_t)semicolon);
        uint64_t size = 0;

        digits = span_trim(digits);
        if (digits.len == 0 || digits.len > 16 || digits.ptr != line.ptr)
                return false;
        if (digits.len > 1 && (digits.ptr[1] | 0x20) == 'x') /* span_to_hex() takes "0x" */
                return false;
        if (span_to_hex(digits, &size, NULL) < 0 || size > INT64_MAX)
                return false;
        *ret = size;
        return true;
}

static Http1Event chunk_size_step(Http1 *p, Span *in, Span *piece UNUSED)
{
        Span line;

        if (!next_line(p, in, &line))
                return p->budget ? HTTP1_MORE : bad(p, HTTP1_FAULT_CHUNK_SIZE);
        if (!read_chunk_size(line, &p->left))
                return bad(p, HTTP1_FAULT_CHUNK_SIZE);
        p->state = p->left ? STATE_CHUNK_DATA : STATE_TRAILERS;
        p->budget = HTTP1_MAX_HEAD;
        return HTTP1_AGAIN;
}

static Http1Event chunk_data_step(Http1 *p, Span *in, Span *piece)
{
        p->saw_cr = false;
        return counted_step(p, in, piece, STATE_CHUNK_END);
}

/* CR LF (or LF) after a chunk's data. */
static Http1Event chunk_end_step(Http1 *p, Span *in, Span *piece UNUSED)
{
        while (in->len) {
                char c = in->ptr[0];

                *in = span_from(*in, 1);
                if (c == '\n') {
                        p->state = STATE_CHUNK_SIZE;
                        p->budget = HTTP1_MAX_CHUNK_LINE;
                        return HTTP1_AGAIN;
                }
                if (c != '\r' || p->saw_cr)
                        return bad(p, HTTP1_FAULT_CHUNK_END);
                p->saw_cr = true;
        }
        return HTTP1_MORE;
}

static Http1Event trailers_step(Http1 *p, Span *in, Span *piece UNUSED)
{
        Span line, name, value;

        while (next_line(p, in, &line)) {
                if (line.len == 0) {
                        p->state = STATE_DONE;
                        return HTTP1_DONE;
                }
                if (++p->fields > HTTP1_MAX_FIELDS || !cut_field(line, &name, &value))
                        return bad(p, HTTP1_FAULT_TRAILER);
        }
        return p->budget ? HTTP1_MORE : bad(p, HTTP1_FAULT_TRAILER);
}

static Http1Event done_step(Http1 *p UNUSED, Span *in UNUSED, Span *piece UNUSED)
{
        return HTTP1_DONE;
}

static Http1Event bad_step(Http1 *p UNUSED, Span *in UNUSED, Span *piece UNUSED)
{
        return HTTP1_BAD;
}

static Http1Event (*const steps[])(Http1 *, Span *, Span *) = {
        [STATE_STATUS] = status_step,
        [STATE_FIELDS] = fields_step,
        [STATE_LENGTH] = length_step,
        [STATE_UNTIL_CLOSE] = until_close_step,
        [STATE_CHUNK_SIZE] = chunk_size_step,
        [STATE_CHUNK_DATA] = chunk_data_step,
        [STATE_CHUNK_END] = chunk_end_step,
        [STATE_TRAILERS] = trailers_step,
        [STATE_DONE] = done_step,
        [STATE_BAD] = bad_step,
};

Http1Event http1_next(Http1 *p, Span *in, Span *ret_piece)
{
        Http1Event event;

        do
                event = steps[p->state](p, in, ret_piece);
        while (event == HTTP1_AGAIN);
        return event;
}

Http1Event http1_end(Http1 *p)
{
        if (p->state == STATE_UNTIL_CLOSE)
                p->state = STATE_DONE;
        if (p->state == STATE_DONE)
                return HTTP1_DONE;
        if (p->state == STATE_BAD)
                return HTTP1_BAD;
        return bad(p, p->started ? HTTP1_FAULT_SHORT : HTTP1_FAULT_CLOSED);
}

uint64_t http1_body_left(const Http1 *p)
{
        return p->state == STATE_LENGTH ? p->left : 0;
}

void http1_skip(Http1 *p, uint64_t n)
{
        BUG_IF(p->state != STATE_LENGTH || n > p->left);
        p->left -= n;
        p->body_bytes += n;
        if (p->left == 0)
                p->state = STATE_DONE;
}
