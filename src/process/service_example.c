#include "process/service_example.h"

#include <stdlib.h>

#include "base/subprocess.h"
#include "harness.h"

#define LOG_BYTES MiB(1)

static const char settings_preset[] = "DELAY_S = 0.002\n"
                                      "STATUS = '200 OK'\n"
                                      "LIFE = 0\n";

static const char server[] =
        "from settings import *\n"
        "\n"
        "def answer():\n"
        "    return 'ok'\n"
        "\n"
        "def serve(port):\n"
        "    import os, socket, sys, time\n"
        "    with open(PIDS, 'a') as f:\n"
        "        f.write('%d\\n' % os.getpid())\n"
        "    listener = socket.socket()\n"
        "    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
        "    listener.bind(('127.0.0.1', port))\n"
        "    listener.listen(64)\n"
        "    body = answer().encode()\n"
        "    head = 'HTTP/1.1 %s\\r\\nContent-Length: %d\\r\\n\\r\\n' % (STATUS, len(body))\n"
        "    ready = b'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n'\n"
        "    answered = 0\n"
        "    while True:\n"
        "        peer, _ = listener.accept()\n"
        "        try:\n"
        "            while True:\n"
        "                request = peer.recv(65536)\n"
        "                if not request:\n"
        "                    break\n"
        "                if request.startswith(b'GET /health'):\n"
        "                    peer.sendall(ready)\n"
        "                    continue\n"
        "                time.sleep(DELAY_S)\n"
        "                peer.sendall(head.encode() + body)\n"
        "                answered += 1\n"
        "                if answered == LIFE:\n"
        "                    sys.exit('out of ink')\n"
        "        except ConnectionError:\n"
        "            pass\n"
        "        peer.close()\n"
        "\n"
        "if __name__ == '__main__':\n"
        "    import sys\n"
        "    serve(int(sys.argv[1]))\n";

void example_begin(Example *e)
{
        *e = (Example){ .arena = arena_new(MiB(256)) };
        snprintf(e->dir, sizeof(e->dir), "/tmp/hone-process-XXXXXX");
        assert_non_null(mkdtemp(e->dir));
        e->pids = path_join(e->arena, e->dir, "pids");
}

static Span read_pids(Example *e)
{
        Span text = { 0 };

        if (file_read(e->pids, LOG_BYTES, e->arena, &text, NULL) < 0)
                text = (Span){ 0 };
        return text;
}

/* The dead that nobody has reaped do not count: not every process 1 does. */
static bool lives(Example *e, uint64_t pid)
{
        const char *path = arena_printf(e->arena, "/proc/%llu/stat", (unsigned long long)pid);
        Span stat;

        return file_read(path, KiB(4), e->arena, &stat, NULL) == 0 && !span_contains(stat, ") Z ");
}

static void assert_none_left(Example *e)
{
        Span text = read_pids(e), line;
        uint64_t pid;

        while (span_next_line(&text, &line))
                if (span_to_u64(line, &pid, NULL) == 0 && lives(e, pid))
                        fail_msg("service %d is still there", (int)pid);
}

void example_end(Example *e)
{
        assert_none_left(e);
        assert_int_equal(tree_remove(e->dir, NULL), 0);
        e->arena = arena_free(e->arena);
}

void example_shell(Example *e, const char *command)
{
        Subprocess done;
        Error err = { 0 };

        assert_ok(subprocess_must(&(SubprocessPlan){ .shell = command, .dir = e->dir }, e->arena,
                                  &done, &err),
                  err);
}

const char *example_service(Example *e, const char *name, const char *settings)
{
        const char *dir = path_join(e->arena, e->dir, name);
        const char *all =
                arena_printf(e->arena, "PIDS = '%s'\n%s%s\n", e->pids, settings_preset, settings);
        Error err = { 0 };

        assert_ok(dir_make(dir, &err), err);
        assert_ok(file_write(path_join(e->arena, dir, "serve.py"), span_of(server), &err), err);
        assert_ok(file_write(path_join(e->arena, dir, "settings.py"), span_of(all), &err), err);
        return dir;
}

Config example_config(Example *e, unsigned pairs, const char *more)
{
        const char *text = arena_printf(e->arena,
                                        "workload:\n"
                                        "  connections: 1\n"
                                        "  window: 60ms\n"
                                        "  warmup: 10ms\n"
                                        "  requests: [{ name: ink, url: /ink }]\n"
                                        "loop:\n"
                                        "  pairs: %u\n"
                                        "  min_effect: 50%%\n"
                                        "  memory_tolerance: 50%%\n"
                                        "  protect: [check.sh]\n"
                                        "service:\n"
                                        "  start: python3 -B -S -E serve.py {port}\n"
                                        "  ready: /health\n"
                                        "%s",
                                        pairs, more);
        Config config;
        Error err = { 0 };

        assert_ok(config_parse(span_of(text), "hone.yaml", e->arena, &config, &err), err);
        config.dir = e->dir;
        return config;
}

size_t example_starts(Example *e)
{
        Span text = read_pids(e), line;
        size_t n = 0;

        while (span_next_line(&text, &line))
                n++;
        return n;
}
