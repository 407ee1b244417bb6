#!/usr/bin/python3
"""Reads audit logs with libauparse, the library of ausearch, and prints what it makes of them.

auparse.py LOG...: one JSON line per event of each log, in its order:
  {"log": 0, "node": "", "sec": 1, "ms": 2, "serial": 3,
   "records": [{"type": "CWD", "text": "type=CWD msg=...", "fields": [["cwd", "\\"/\\"", "/"], ...]}, ...]}
A field is its name, its value as logged, and what auparse interprets it as. All strings stand for bytes, one
character each. This calls the library itself, as its Python module cannot hand on bytes that are no UTF-8.
"""
import ctypes
import json
import sys

AUSOURCE_FILE = 1
ESCAPE_RAW = 0


class Stamp(ctypes.Structure):
    _fields_ = [
        ("sec", ctypes.c_long),
        ("ms", ctypes.c_uint),
        ("serial", ctypes.c_ulong),
        ("host", ctypes.c_char_p),
    ]


def load():
    library = ctypes.CDLL("libauparse.so.0")
    library.auparse_init.restype = ctypes.c_void_p
    library.auparse_get_timestamp.restype = ctypes.POINTER(Stamp)
    for name in ("record_text", "type_name", "field_name", "field_str"):
        getattr(library, f"auparse_get_{name}").restype = ctypes.c_char_p
    library.auparse_interpret_field.restype = ctypes.c_char_p
    return library


LIBRARY = load()


def text(value):
    return None if value is None else value.decode("latin-1")


def fields(parser):
    yield from iterate(parser, LIBRARY.auparse_first_field, LIBRARY.auparse_next_field, lambda: [
        text(LIBRARY.auparse_get_field_name(parser)),
        text(LIBRARY.auparse_get_field_str(parser)),
        text(LIBRARY.auparse_interpret_field(parser)),
    ])


def records(parser):
    yield from iterate(parser, LIBRARY.auparse_first_record, LIBRARY.auparse_next_record, lambda: {
        "type": text(LIBRARY.auparse_get_type_name(parser)),
        "number": LIBRARY.auparse_get_type(parser),
        "text": text(LIBRARY.auparse_get_record_text(parser)),
        "fields": list(fields(parser)),
    })


def iterate(parser, first, following, item):
    more = first(parser)
    while more > 0:
        yield item()
        more = following(parser)


def events(path):
    parser = ctypes.c_void_p(LIBRARY.auparse_init(AUSOURCE_FILE, path.encode()))
    if not parser:
        raise SystemExit(f"auparse cannot read {path}")
    LIBRARY.auparse_set_escape_mode(parser, ESCAPE_RAW)
    while LIBRARY.auparse_next_event(parser) > 0:
        stamp = LIBRARY.auparse_get_timestamp(parser).contents
        yield {
            "node": text(stamp.host) or "",
            "sec": stamp.sec,
            "ms": stamp.ms,
            "serial": stamp.serial,
            "records": list(records(parser)),
        }
    LIBRARY.auparse_destroy(parser)


for index, log in enumerate(sys.argv[1:]):
    for event in events(log):
        print(json.dumps({"log": index, **event}))
