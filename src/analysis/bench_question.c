/* What a stored run of hone bench was asked, out of its plan. */

#include "analysis/bench.h"

#include "base/json.h"

static void read_names(const Value *list, Arena *arena, BenchQuestion *ret)
{
        Span *names = new (arena, Span, list->count);
        size_t n = 0;

        value_each (it, list)
                names[n++] = it->text;
        ret->programs = names;
        ret->n_programs = n;
}

BenchQuestion bench_question(const Run *run, Arena *arena)
{
        BenchQuestion question = { 0 };
        const Value *in_process, *commands, *reference, *tolerance;
        Document plan;

        if (!run->plan_json.len || json_parse(run->plan_json, "plan", arena, &plan, NULL) < 0)
                return question;
        in_process = value_get(plan.root, "in_process");
        commands = value_get(plan.root, "commands");
        reference = value_get(plan.root, "reference");
        tolerance = value_get(plan.root, "tolerance");
        if (reference && reference->kind == VALUE_TEXT)
                question.reference = reference->text;
        if (tolerance && tolerance->kind == VALUE_NUMBER)
                question.tolerance = tolerance->number;
        if (in_process && in_process->boolean && commands && commands->kind == VALUE_LIST) {
                read_names(commands, arena, &question);
                question.alone = question.n_programs == 1;
        }
        return question;
}
