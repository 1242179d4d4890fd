#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "tests/checkkern/guard.h"

static const int caught_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
enum { CAUGHT_SIGNALS = sizeof caught_signals / sizeof *caught_signals };

static sigjmp_buf before_fault;
static volatile sig_atomic_t fault_signal;
static const void *volatile fault_address;

static void leave(int signal, siginfo_t *information, void *context) {
    (void)context;
    fault_signal = signal;
    fault_address = information->si_addr;
    siglongjmp(before_fault, 1);
}

static void install(struct sigaction previous[CAUGHT_SIGNALS]) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = leave;
    action.sa_flags = SA_SIGINFO;
    for (int i = 0; i < CAUGHT_SIGNALS; i++) sigaction(caught_signals[i], &action, &previous[i]);
}

struct fault run_caught(void (*function)(void *context), void *context) {
    struct sigaction previous[CAUGHT_SIGNALS];
    install(previous);
    fault_signal = 0;
    if (sigsetjmp(before_fault, 1) == 0) function(context);
    for (int i = 0; i < CAUGHT_SIGNALS; i++) sigaction(caught_signals[i], &previous[i], NULL);
    return (struct fault){fault_signal, fault_signal ? fault_address : NULL};
}
