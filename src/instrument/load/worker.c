#include "instrument/load/worker.h"

#include "instrument/load/thread_cost.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LONGEST_TICK_NS (20 * NS_PER_MS)
#define SHORTEST_SPIN_NS (5 * NS_PER_US)
#define LONGEST_SPIN_NS (50 * NS_PER_US)
#define EVENTS 64
#define LANES_A_TURN 64

/* -- what is counted -- */

static void share_counts(uint64_t *shown, uint64_t value)
{
        __atomic_store_n(shown, value, __ATOMIC_RELAXED);
}

static void worker_end(Worker *w)
{
        w->over = true;
        w->ended_ns = MIN(w->now_ns, w->shared->end_ns);
}

/* A request whose end was not seen in the window. */
static void censor(Worker *w, const Lane *lane)
{
        w->censored++;
        w->oldest_ns = MAX(w->oldest_ns, w->ended_ns - MIN(lane->due_ns, w->ended_ns));
}

/* True when the completion at hand counts. */
static inline bool count_completion(Worker *w, const Lane *lane)
{
        if (UNLIKELY(w->now_ns >= w->edge_ns))
                worker_edge(w);
        if (UNLIKELY(w->over && w->counting))
                censor(w, lane);
        return LIKELY(w->counting && !w->over);
}

static inline void counted_one(Worker *w)
{
        if (UNLIKELY(++w->counted >= w->share))
                worker_end(w);
}

void worker_answered(Worker *w, Lane *lane)
{
        unsigned status = lane->answer.status;
        AnswerTimes times = { .due_ns = lane->due_ns,
                              .sent_ns = lane->sent_ns,
                              .first_ns = lane->first_ns,
                              .done_ns = w->now_ns };

        if (!count_completion(w, lane))
                return;
        tally_answer(&w->tallies[lane->endpoint], &times, status, lane->answer.body_bytes);
        w->statuses[status]++;
        share_counts(&w->shown_answers, w->shown_answers + 1);
        if (UNLIKELY(status >= 400))
                share_counts(&w->shown_failures, w->shown_failures + 1);
        counted_one(w);
}

void worker_failed(Worker *w, Lane *lane, LoadError kind)
{
        Tally *t = &w->tallies[lane->endpoint];

        if (!count_completion(w, lane))
                return;
        tally_error(t, kind);
        if (kind == LOAD_ERROR_TIMEOUT || kind == LOAD_ERROR_CONNECT_TIMEOUT)
                tally_waited(t, w->now_ns - lane->due_ns);
        share_counts(&w->shown_failures, w->shown_failures + 1);
        counted_one(w);
}

void worker_connected(Worker *w, const Conn *c)
{
        hist_record(w->connect, w->now_ns - c->opened_ns);
}

/* -- the edges of the window and of its steps -- */

static void begin_counting(Worker *w)
{
        ThreadCost cost = thread_cost();

        w->counting = true;
        w->cpu_ns = cost.cpu_ns;
        w->runqueue_ns = cost.runqueue_ns;
        w->spin_ns = 0;
        /* Requests on their way will be counted: they are part of the share. */
        if (w->share != UINT64_MAX)
                w->allowance = w->share - MIN(w->share, (uint64_t)w->in_flight);
}

static uint64_t step_end_ns(const Worker *w)
{
        return w->shared->begin_ns + (w->step + 1) * w->shared->steps->step_ns;
}

void worker_edge(Worker *w)
{
        const LoadShared *shared = w->shared;

        if (!w->counting && w->now_ns >= shared->begin_ns)
                begin_counting(w);
        if (w->counting && !w->over && w->now_ns >= shared->end_ns)
                worker_end(w);
        while (w->counting && !w->over && w->now_ns >= step_end_ns(w)) {
                steps_add(shared->steps, w->step, w->tallies);
                w->step++;
        }
        w->edge_ns = w->counting ? MIN(step_end_ns(w), shared->end_ns) : shared->begin_ns;
        if (w->over)
                w->edge_ns = UINT64_MAX;
}

/* -- who sends what -- */

static void begin_from_mix(Worker *w, Lane *lane)
{
        uint16_t endpoint = w->setup->cycle[w->mix_at];

        if (++w->mix_at == w->setup->cycle_len)
                w->mix_at = 0;
        lane_begin(w, lane, endpoint, w->now_ns);
}

static void begin_arrival(Worker *w, Lane *lane)
{
        uint64_t due_ns = w->schedule.due_ns, k = schedule_take(&w->schedule);

        /* How late we were ourselves: not the time in which no connection was free. */
        if (w->counting)
                hist_record(w->lag, w->now_ns - MAX(due_ns, lane->free_ns));
        lane_begin(w, lane, w->setup->cycle[k % w->setup->cycle_len], due_ns);
}

static void keep_free(Worker *w, Lane *lane)
{
        unsigned tail = w->free_head + w->n_free;

        lane->free_ns = w->now_ns;
        w->free_lanes[tail < w->n_lanes ? tail : tail - w->n_lanes] = lane;
        w->n_free++;
}

static Lane *take_free(Worker *w)
{
        Lane *lane = w->free_lanes[w->free_head];

        if (++w->free_head == w->n_lanes)
                w->free_head = 0;
        w->n_free--;
        return lane;
}

static bool arrival_is_due(const Worker *w)
{
        return w->schedule.due_ns <= w->now_ns && w->allowance && !w->over;
}

void worker_next(Worker *w, Lane *lane)
{
        if (!w->open_model) {
                if (UNLIKELY(w->over || !w->allowance))
                        return;
                w->allowance--;
                begin_from_mix(w, lane);
        } else if (!w->n_free && arrival_is_due(w)) {
                lane->free_ns = w->now_ns;
                w->allowance--;
                begin_arrival(w, lane);
        } else {
                keep_free(w, lane);
        }
}

/* Open model: what is due goes to the connections that are free. */
static void dispatch(Worker *w)
{
        while (w->n_free && arrival_is_due(w)) {
                w->allowance--;
                begin_arrival(w, take_free(w));
                w->now_ns = load_now_ns();
        }
}

/* Connections come into play a few at a time, between answers to those that are. */
static void begin_lanes(Worker *w)
{
        unsigned until = MIN(w->n_begun + LANES_A_TURN, w->n_lanes);

        for (; w->n_begun < until && !w->over; w->n_begun++) {
                Lane *lane = &w->lanes[w->n_begun];

                if (w->open_model && !w->setup->plan.no_keepalive)
                        lane_preconnect(w, lane);
                w->now_ns = load_now_ns();
                worker_next(w, lane);
        }
}

/* -- waiting -- */

static int wait_without_pwait2(Worker *w, struct epoll_event *events, const struct timespec *t)
{
        struct pollfd ready = { .fd = w->epoll_fd, .events = POLLIN };

        ppoll(&ready, 1, t, NULL);
        return epoll_wait(w->epoll_fd, events, EVENTS, 0);
}

static int wait_for(Worker *w, struct epoll_event *events, uint64_t wait_ns)
{
        struct timespec t = { .tv_sec = (time_t)(wait_ns / NS_PER_S),
                              .tv_nsec = (long)(wait_ns % NS_PER_S) };
        int n;

        if (w->no_pwait2)
                return wait_without_pwait2(w, events, &t);
        n = epoll_pwait2(w->epoll_fd, events, EVENTS, &t, NULL);
        if (UNLIKELY(n < 0 && errno == ENOSYS)) { /* before Linux 5.11 */
                w->no_pwait2 = true;
                return wait_without_pwait2(w, events, &t);
        }
        return n;
}

static uint64_t quiet_ns(const Worker *w)
{
        uint64_t next_ns = MIN(w->edge_ns, wheel_next_ns(&w->wheel));

        if (w->n_begun < w->n_lanes)
                return 0;
        return next_ns > w->now_ns ? next_ns - w->now_ns : 0;
}

/* Time until the next arrival that could be sent; UINT64_MAX: none. */
static uint64_t arrival_ns(const Worker *w)
{
        if (!w->open_model || !w->n_free || !w->allowance)
                return UINT64_MAX;
        return w->schedule.due_ns > w->now_ns ? w->schedule.due_ns - w->now_ns : 0;
}

/* A timer fired: how late this machine wakes us decides how early to start the busy loop. */
static void learn_lateness(Worker *w, uint64_t asked_ns)
{
        uint64_t late_ns = w->now_ns > asked_ns ? w->now_ns - asked_ns : 0;

        late_ns = MIN(late_ns, 2 * LONGEST_SPIN_NS); /* losing the CPU is not what it is about */
        w->late_ns += late_ns / 8;
        w->late_ns -= w->late_ns / 8;
        w->spin_from_ns = MIN(MAX(w->late_ns + w->late_ns / 2, SHORTEST_SPIN_NS), LONGEST_SPIN_NS);
}

static int worker_wait(Worker *w, struct epoll_event *events)
{
        uint64_t quiet = quiet_ns(w), arrival = arrival_ns(w), before_ns = w->now_ns;
        bool spin = arrival <= w->spin_from_ns && quiet > 0;
        uint64_t wait_ns = spin ? 0 : MIN(quiet, arrival - w->spin_from_ns);
        int n = wait_for(w, events, wait_ns);

        if (n > 0)
                return n;
        w->now_ns = load_now_ns();
        if (spin)
                w->spin_ns += w->now_ns - before_ns;
        else if (wait_ns && w->open_model)
                learn_lateness(w, before_ns + wait_ns);
        return 0;
}

static void expire_timers(Worker *w)
{
        Timer *timer;

        while ((timer = wheel_pop(&w->wheel, w->now_ns)))
                lane_expired(w, (Lane *)timer); /* the timer is its first member */
}

static void worker_turn(Worker *w)
{
        struct epoll_event events[EVENTS];
        int n = worker_wait(w, events);

        for (int i = 0; i < n; i++) {
                lane_event(w, events[i].data.ptr, events[i].events);
                if (w->open_model)
                        dispatch(w);
        }
        if (UNLIKELY(w->now_ns >= w->edge_ns))
                worker_edge(w);
        if (UNLIKELY(w->now_ns >= wheel_next_ns(&w->wheel)))
                expire_timers(w);
        if (UNLIKELY(w->n_begun < w->n_lanes))
                begin_lanes(w);
        if (w->open_model)
                dispatch(w);
        if (UNLIKELY(__atomic_load_n(&w->shared->stop, __ATOMIC_RELAXED)) && !w->over)
                worker_end(w);
}

/* -- its life -- */

static void account(Worker *w)
{
        ThreadCost cost = thread_cost();
        uint64_t from_ns = w->shared->begin_ns;

        if (!w->counting)
                return;
        w->cpu_ns = cost.cpu_ns - w->cpu_ns;
        w->runqueue_ns = cost.runqueue_ns - w->runqueue_ns;
        steps_add(w->shared->steps, w->step, w->tallies);
        if (w->open_model)
                w->unsent = MIN(w->allowance, schedule_untaken(&w->schedule, from_ns, w->ended_ns));
        for (unsigned i = 0; i < w->n_lanes; i++)
                if (w->lanes[i].phase == LANE_BUSY)
                        censor(w, &w->lanes[i]);
}

static void *worker_main(void *self)
{
        Worker *w = self;
        LoadShared *shared = w->shared;

        /* Timers fire within 50 us of their time by default: too late for arrivals. */
        prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
        w->now_ns = load_now_ns();
        worker_edge(w);
        while (!w->over)
                worker_turn(w);
        account(w);
        for (unsigned i = 0; i < w->n_lanes; i++)
                lane_close(&w->lanes[i], w->setup->n_hosts);
        pthread_mutex_lock(&shared->lock);
        shared->running--;
        pthread_cond_broadcast(&shared->ended);
        pthread_mutex_unlock(&shared->lock);
        return NULL;
}

static size_t longest_wire(const LoadSetup *setup)
{
        size_t longest = 0;

        for (unsigned i = 0; i < setup->n_endpoints; i++)
                longest = MAX(longest, setup->endpoints[i].wire.len);
        return longest;
}

/* n things among workers: the first ones get the rest. */
static uint64_t part_of(uint64_t n, unsigned number, unsigned workers)
{
        return n / workers + (number < n % workers);
}

static size_t arena_ceiling(const LoadSetup *setup, unsigned lanes, size_t wire)
{
        size_t a_lane = sizeof(Lane) + setup->n_hosts * sizeof(Conn) + 2 * HTTP1_MAX_HEAD;

        if (setup->plan.max_redirects)
                a_lane += 2 * (wire + 8 * URL_MAX);
        return MiB(4) + setup->n_endpoints * tally_bytes() + lanes * (a_lane + KiB(1));
}

static void make_lanes(Worker *w)
{
        Conn *conns = new (w->arena, Conn, (size_t)w->n_lanes * w->setup->n_hosts);

        w->lanes = new (w->arena, Lane, w->n_lanes);
        w->free_lanes = new (w->arena, Lane *, w->n_lanes);
        for (unsigned i = 0; i < w->n_lanes; i++)
                lane_init(&w->lanes[i], w, i, conns + (size_t)i * w->setup->n_hosts);
}

static void plan_share(Worker *w)
{
        const LoadPlan *plan = &w->setup->plan;

        w->allowance = UINT64_MAX;
        w->share = UINT64_MAX;
        if (plan->max_requests)
                w->share = part_of(plan->max_requests, w->number, plan->threads);
        w->open_model = plan->rate_per_s > 0;
        w->late_ns = w->spin_from_ns = LONGEST_SPIN_NS / 2;
        if (w->open_model)
                w->schedule = schedule_from(w->shared->start_ns, plan->rate_per_s, w->number,
                                            plan->threads);
        w->mix_at = w->setup->cycle_len * w->number / plan->threads;
        wheel_init(&w->wheel, load_now_ns(),
                   MIN(MAX(plan->timeout_ns / 512, NS_PER_MS), LONGEST_TICK_NS));
}

static void make_counts(Worker *w)
{
        w->tallies = tally_new(w->arena, w->setup->n_endpoints);
        w->statuses = new (w->arena, uint64_t, STATUS_COUNT);
        w->connect = hist_new(w->arena, HIST_PHASE);
        w->lag = hist_new(w->arena, HIST_PHASE);
        w->preferred = new (w->arena, uint8_t, w->setup->n_hosts);
        w->input = new (w->arena, char, WORKER_INPUT);
}

int worker_new(LoadShared *shared, unsigned number, Worker **ret, Error *err)
{
        const LoadSetup *setup = shared->setup;
        unsigned lanes = (unsigned)part_of(setup->plan.connections, number, setup->plan.threads);
        size_t wire = longest_wire(setup);
        Arena *arena = arena_new(arena_ceiling(setup, lanes, wire));
        Worker *w = new (arena, Worker, 1);

        w->arena = arena;
        w->shared = shared;
        w->setup = setup;
        w->number = number;
        w->n_lanes = lanes;
        w->longest_wire = wire;
        w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (w->epoll_fd < 0) {
                int r = fail(err, errno, "cannot make an epoll");

                arena_free(arena);
                return r;
        }
        plan_share(w);
        make_counts(w);
        make_lanes(w);
        *ret = w;
        return 0;
}

int worker_start(Worker *w, Error *err)
{
        int r = pthread_create(&w->thread, NULL, worker_main, w);

        if (r)
                return fail(err, r, "cannot start a load thread");
        w->started = true;
        return 0;
}

void worker_join(Worker *w)
{
        if (w->started)
                pthread_join(w->thread, NULL);
        w->started = false;
}

void worker_free(Worker *w)
{
        if (!w)
                return;
        close(w->epoll_fd);
        arena_free(w->arena);
}
