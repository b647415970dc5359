#include "instrument/profile/debuginfod.h"

#include "base/os.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* The library's interface, as in debuginfod_find_debuginfo(3). */
typedef struct Client Client;
typedef int Progress(Client *client, long a, long b);
typedef struct Library {
        Client *(*begin)(void);
        void (*end)(Client *client);
        int (*find)(Client *client, const unsigned char *build_id, int len, char **path);
        void (*on_progress)(Client *client, Progress *call);
        void (*set_data)(Client *client, void *data);
} Library;

typedef void *DataOf(Client *client);

static uint64_t now_ns(void)
{
        return os_now(os_real());
}

/* The library calls this a few times a second; not 0 makes it give up. */
static int past_deadline(Client *client, long a UNUSED, long b UNUSED)
{
        DataOf *data_of;
        const uint64_t *end_ns;

        *(void **)&data_of = dlsym(RTLD_DEFAULT, "debuginfod_get_user_data");
        end_ns = data_of(client);
        return now_ns() > *end_ns;
}

static bool load(Library *lib)
{
        static const char *const names[] = { "debuginfod_begin", "debuginfod_end",
                                             "debuginfod_find_debuginfo",
                                             "debuginfod_set_progressfn",
                                             "debuginfod_set_user_data" };
        void *found[COUNT(names) + 1] = { 0 };
        /* Global: the call above finds its function by name. It stays loaded, as it has threads. */
        void *handle = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_GLOBAL);

        if (!handle || !dlsym(handle, "debuginfod_get_user_data"))
                return false;
        for (size_t i = 0; i < COUNT(names); i++) {
                found[i] = dlsym(handle, names[i]);
                if (!found[i])
                        return false;
        }
        *(void **)&lib->begin = found[0];
        *(void **)&lib->end = found[1];
        *(void **)&lib->find = found[2];
        *(void **)&lib->on_progress = found[3];
        *(void **)&lib->set_data = found[4];
        return true;
}

static int ask(const Library *lib, const char *build_id, Arena *arena, Span *ret_problem)
{
        Client *client = lib->begin();
        uint64_t end_ns = now_ns() + DEBUGINFOD_SECONDS * NS_PER_S;
        int fd;

        if (!client) {
                *ret_problem = SPAN("libdebuginfod could not be started");
                return -1;
        }
        lib->set_data(client, &end_ns);
        lib->on_progress(client, past_deadline);
        /* A length of 0 says that the id is hexadecimal text. */
        fd = lib->find(client, (const unsigned char *)build_id, 0, NULL);
        lib->end(client);
        if (fd < 0 && fd != -ENOENT)
                *ret_problem = span_of(
                        arena_printf(arena, "asking for %.12s...: %s", build_id,
                                     now_ns() > end_ns ? "it took too long" : strerror(-fd)));
        return fd < 0 ? -1 : fd;
}

int debuginfod_fetch(Span build_id, Arena *arena, Span *ret_problem)
{
        const char *urls = getenv("DEBUGINFOD_URLS");
        Library lib;

        *ret_problem = (Span){ 0 };
        if (build_id.len == 0)
                return -1;
        if (!urls || !urls[0]) {
                *ret_problem = SPAN("DEBUGINFOD_URLS names no server");
                return -1;
        }
        if (!load(&lib)) {
                *ret_problem = SPAN("libdebuginfod is not installed (apt-get install "
                                    "libdebuginfod1)");
                return -1;
        }
        return ask(&lib, span_text(arena, build_id), arena, ret_problem);
}
