"""Turns files into one C file: embed.py OUT.c NAME FILE... -> const EmbeddedFile NAME[] .

The files end up in the program byte for byte, in the order given, closed by a row with NULLs.
"""
import os
import sys


def c_bytes(data):
    for start in range(0, len(data), 24):
        yield "        " + " ".join("%d," % b for b in data[start:start + 24])


def main():
    out, name, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    lines = ['#include "base/embedded.h"', ""]
    for i, path in enumerate(paths):
        with open(path, "rb") as f:
            data = f.read()
        lines.append("static const unsigned char bytes_%d[] = {" % i)
        lines.extend(c_bytes(data + b"\0"))
        lines.append("};")
    lines.append("const EmbeddedFile %s[] = {" % name)
    for i, path in enumerate(paths):
        lines.append('        { "%s", { (const char *)bytes_%d, sizeof(bytes_%d) - 1 } },'
                     % (os.path.basename(path), i, i))
    lines.append("        { NULL, { NULL, 0 } },")
    lines.append("};")
    with open(out, "w") as f:
        f.write("\n".join(lines) + "\n")


main()
