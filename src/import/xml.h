#pragma once
/* XML as far as reports use it: elements and their attributes, one after the other.
 *
 *         XmlScanner xml = xml_open(in, text);
 *         while ((r = xml_next(&xml, &event, err)) > 0)
 *                 if (event.kind == XML_OPEN && span_is(event.name, "testcase"))
 *                         name = xml_attribute(&xml, &event, "name");
 *
 * Text between elements, comments, CDATA and processing instructions are passed over. Nothing is
 * ever fetched and no entity is ever defined: a DTD that declares one is refused, and of entities
 * only the five of XML and character numbers are known. Elements close in the order they were
 * opened, at most 100 deep. An attribute's value is a copy, in import_arena(), where it held an
 * entity. Namespaces are part of the name.
 */

#include "import/import.h"

#define XML_DEEPEST 100

typedef enum XmlKind { XML_OPEN, XML_CLOSE } XmlKind;

typedef struct XmlEvent {
        XmlKind kind;
        Span name;
        Span attributes; /* checked; for xml_attribute() */
        uint64_t line;
} XmlEvent;

typedef struct XmlScanner {
        Import *in;
        Span rest;
        uint64_t line;
        size_t depth;
        Span open[XML_DEEPEST];
        bool close_next; /* of <x/>: the event that comes closes it */
        bool any;        /* the root was there */
} XmlScanner;

XmlScanner xml_open(Import *in, Span text);
/* 1: an event; 0: the end of a whole document; negative: it is malformed, with its line. */
int xml_next(XmlScanner *xml, XmlEvent *ret, Error *err);
/* The value, or an empty span with ptr NULL. */
Span xml_attribute(XmlScanner *xml, const XmlEvent *event, const char *name);
