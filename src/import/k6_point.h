#pragma once
/* One line of `k6 run --out json`, read without building a tree.
 *
 *         {"metric":"http_req_duration","type":"Point","data":{"time":"...","value":1.5,
 *          "tags":{"method":"GET","name":"http://x/","status":"200"}}}
 *
 * k6 writes no white space and few escapes. k6_point_scan() reads such lines in any order of keys,
 * checks every byte of them, and says no to all others; those go through the JSON parser, whose
 * tree k6_point_of() reads into the same struct. The Spans point into the line or the tree.
 */

#include "import/json_read.h"

typedef struct K6Point {
        Span metric, type; /* type: "Point" or "Metric" */
        Span time;
        double value;
        bool has_value;
        Span name, method, status, expected; /* of the tags */
} K6Point;

bool k6_point_scan(Span line, K6Point *ret);
int k6_point_of(const Document *doc, K6Point *ret, Error *err);
