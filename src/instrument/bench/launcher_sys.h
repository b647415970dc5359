#pragma once
/* System calls without a C library, for the launcher's own program.
 *
 * A C library would touch more memory than many a program that is measured, and what the launcher
 * has touched is the floor of every peak. Each call returns what the kernel does: negative errno
 * on failure. Sources: syscall(2) for registers, clone(2).
 */

#include <stdint.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long sys6(long number, long a, long b, long c, long d, long e, long f)
{
        register long r10 __asm__("r10") = d;
        register long r8 __asm__("r8") = e;
        register long r9 __asm__("r9") = f;
        long r;

        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return r;
}

/* A child on a stack of its own that calls child(argument), which does not return. */
static inline long sys_clone_calling(unsigned long flags, void *stack_top, void (*child)(void *),
                                     void *argument)
{
        register long r10 __asm__("r10") = 0;
        register long r8 __asm__("r8") = 0;
        register void (*r12)(void *) __asm__("r12") = child;
        register void *r13 __asm__("r13") = argument;
        long r;

        __asm__ volatile("syscall\n\t"
                         "test %%rax, %%rax\n\t"
                         "jnz 1f\n\t"
                         "mov %%r13, %%rdi\n\t"
                         "call *%%r12\n\t"
                         "hlt\n"
                         "1:"
                         : "=a"(r)
                         : "a"(SYS_clone), "D"(flags), "S"(stack_top), "d"(0), "r"(r10), "r"(r8),
                           "r"(r12), "r"(r13)
                         : "rcx", "r11", "memory");
        return r;
}

#        define LAUNCHER_ENTRY(function)         \
                __asm__(".globl _start\n"        \
                        "_start:\n\t"            \
                        "xor %ebp, %ebp\n\t"     \
                        "and $-16, %rsp\n\t"     \
                        "call " #function "\n\t" \
                        "hlt\n")
#elif defined(__aarch64__)
static inline long sys6(long number, long a, long b, long c, long d, long e, long f)
{
        register long x8 __asm__("x8") = number;
        register long x0 __asm__("x0") = a;
        register long x1 __asm__("x1") = b;
        register long x2 __asm__("x2") = c;
        register long x3 __asm__("x3") = d;
        register long x4 __asm__("x4") = e;
        register long x5 __asm__("x5") = f;

        __asm__ volatile("svc #0"
                         : "+r"(x0)
                         : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                         : "memory");
        return x0;
}

static inline long sys_clone_calling(unsigned long flags, void *stack_top, void (*child)(void *),
                                     void *argument)
{
        register long x8 __asm__("x8") = SYS_clone;
        register long x0 __asm__("x0") = (long)flags;
        register void *x1 __asm__("x1") = stack_top;
        register long x2 __asm__("x2") = 0;
        register long x3 __asm__("x3") = 0;
        register long x4 __asm__("x4") = 0;
        register void (*x19)(void *) __asm__("x19") = child;
        register void *x20 __asm__("x20") = argument;

        __asm__ volatile("svc #0\n\t"
                         "cbnz x0, 1f\n\t"
                         "mov x0, x20\n\t"
                         "blr x19\n\t"
                         "brk #1\n"
                         "1:"
                         : "+r"(x0)
                         : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x19), "r"(x20)
                         : "x30", "memory");
        return x0;
}

#        define LAUNCHER_ENTRY(function)  \
                __asm__(".globl _start\n" \
                        "_start:\n\t"     \
                        "mov x29, #0\n\t" \
                        "mov x30, #0\n\t" \
                        "b " #function "\n")
#else
#        error "the launcher needs sys6, sys_clone_calling and an entry for this processor"
#endif

#define SYS_ARG_(n, a, b, c, d, e, f, ...) \
        sys6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define sys(...) SYS_ARG_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
