#include "instrument/system/cpuinfo.h"

/* Keys that name the processor, best first; the last two together on ARM. */
static const char *const model_keys[] = { "model name", "Model Name", "cpu model",
                                          "cpu",        "uarch",      "Processor" };

/* "key : value" */
static bool split_row(Span line, Span *ret_key, Span *ret_value)
{
        Span rest = line, key = span_cut(&rest, ':');

        if (!rest.ptr)
                return false;
        *ret_key = span_trim(key);
        *ret_value = span_trim(rest);
        return true;
}

/* Value of the key in the first processor's rows; empty: absent. */
static Span first_value(Span text, const char *wanted)
{
        Span line, key, value;

        while (span_next_line(&text, &line))
                if (split_row(line, &key, &value) && span_is(key, wanted))
                        return value;
        return (Span){ 0 };
}

static Span arm_model(Span text, Arena *arena)
{
        Span implementer = first_value(text, "CPU implementer");
        Span part = first_value(text, "CPU part");

        if (!implementer.len || !part.len)
                return (Span){ 0 };
        return span_of(arena_printf(arena, "ARM implementer %.*s part %.*s",
                                    SPAN_ARG(span_first(implementer, 16)),
                                    SPAN_ARG(span_first(part, 16))));
}

static bool has_word(Span text, const char *wanted)
{
        Span word;

        while (span_next_word(&text, &word))
                if (span_is(word, wanted))
                        return true;
        return false;
}

CpuInfo cpuinfo_parse(Span text, Arena *arena)
{
        CpuInfo info = { 0 };
        Span flags = first_value(text, "flags");

        for (size_t i = 0; i < COUNT(model_keys) && !info.model.len; i++)
                info.model = first_value(text, model_keys[i]);
        if (info.model.len)
                info.model = span_copy(arena, span_first(info.model, 256));
        else
                info.model = arm_model(text, arena);
        info.has_flags = flags.len;
        info.hypervisor = has_word(flags, "hypervisor");
        return info;
}

typedef struct DmiName {
        const char *start; /* of a line */
        const char *name;
} DmiName;

static const DmiName dmi_names[] = {
        { "KVM", "kvm" },
        { "OpenStack", "kvm" },
        { "KubeVirt", "kvm" },
        { "Google Compute Engine", "google" },
        { "Amazon EC2", "amazon" },
        { "QEMU", "qemu" },
        { "VMware", "vmware" },
        { "VirtualBox", "virtualbox" },
        { "innotek GmbH", "virtualbox" },
        { "Xen", "xen" },
        { "HVM domU", "xen" },
        { "Virtual Machine", "hyper-v" },
        { "Parallels", "parallels" },
        { "BHYVE", "bhyve" },
        { "Bochs", "bochs" },
};

const char *hypervisor_name(Span dmi)
{
        Span line;

        while (span_next_line(&dmi, &line))
                for (size_t i = 0; i < COUNT(dmi_names); i++)
                        if (span_starts(line, dmi_names[i].start))
                                return dmi_names[i].name;
        return NULL;
}
