// A preloaded library: the clocks of the process run SLUICE_TIME_SCALE times as fast, and every
// wait is that much shorter. Sandboxes and Sluice that both run under it meet the vendors' real
// limits, with unchanged settings, in a fraction of the time.
//
// The wall clock passes SLUICE_TIME_BASE (seconds since 1970) at its own pace, so that all
// processes of a measurement agree. Waits on clocks that are not listed here stay as they are.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define REAL(name) ((__typeof__(&(name)))real(#name))

static int64_t scale = 1;
static int64_t base = 0;

__attribute__((constructor)) static void read_settings(void) {
  const char* text = getenv("SLUICE_TIME_SCALE");
  if (text != NULL && atoll(text) > 0) scale = atoll(text);
  text = getenv("SLUICE_TIME_BASE");
  if (text != NULL) base = atoll(text) * SECOND;
}

static void* real(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

static int64_t to_ns(const struct timespec* time) {
  return (int64_t)time->tv_sec * SECOND + time->tv_nsec;
}

static struct timespec to_timespec(int64_t ns) {
  struct timespec time;
  time.tv_sec = (time_t)(ns / SECOND);
  time.tv_nsec = (long)(ns % SECOND);
  return time;
}

static int is_wall(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

static int is_scaled(clockid_t clock) {
  return is_wall(clock) || clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ||
         clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME;
}

// Rounded up: a wait may be longer, never shorter.
static int64_t shorter(int64_t duration) {
  return duration <= 0 ? duration : (duration + scale - 1) / scale;
}

static struct timespec real_moment(clockid_t clock, const struct timespec* scaled) {
  const int64_t zero = is_wall(clock) ? base : 0;
  return to_timespec(zero + shorter(to_ns(scaled) - zero));
}

int clock_gettime(clockid_t clock, struct timespec* out) {
  static __typeof__(&clock_gettime) ask = NULL;
  if (ask == NULL) ask = REAL(clock_gettime);
  const int result = ask(clock, out);
  if (result != 0 || !is_scaled(clock)) return result;
  const int64_t zero = is_wall(clock) ? base : 0;
  *out = to_timespec(zero + (to_ns(out) - zero) * scale);
  return 0;
}

int gettimeofday(struct timeval* out, void* zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec* wanted,
                    struct timespec* rest) {
  const struct timespec wait = (flags & TIMER_ABSTIME) != 0 ? real_moment(clock, wanted)
                                                            : to_timespec(shorter(to_ns(wanted)));
  const int result = REAL(clock_nanosleep)(clock, flags, &wait, rest);
  if (result == EINTR && rest != NULL && (flags & TIMER_ABSTIME) == 0)
    *rest = to_timespec(to_ns(rest) * scale);
  return result;
}

int nanosleep(const struct timespec* wanted, struct timespec* rest) {
  const int result = clock_nanosleep(CLOCK_MONOTONIC, 0, wanted, rest);
  if (result == 0) return 0;
  errno = result;
  return -1;
}

int usleep(useconds_t microseconds) {
  const struct timespec wanted = to_timespec((int64_t)microseconds * 1000);
  return nanosleep(&wanted, NULL);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const struct timespec* until) {
  const struct timespec moment = real_moment(clock, until);
  return REAL(pthread_cond_clockwait)(condition, mutex, clock, &moment);
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const struct timespec* until) {
  const struct timespec moment = real_moment(CLOCK_REALTIME, until);
  return REAL(pthread_cond_timedwait)(condition, mutex, &moment);
}

int poll(struct pollfd* files, nfds_t count, int timeout) {
  return REAL(poll)(files, count, (int)shorter(timeout));
}

int epoll_wait(int epoll, struct epoll_event* events, int most, int timeout) {
  return REAL(epoll_wait)(epoll, events, most, (int)shorter(timeout));
}

int ppoll(struct pollfd* files, nfds_t count, const struct timespec* timeout,
          const sigset_t* signals) {
  struct timespec wait;
  if (timeout != NULL) wait = to_timespec(shorter(to_ns(timeout)));
  return REAL(ppoll)(files, count, timeout == NULL ? NULL : &wait, signals);
}

int select(int count, fd_set* reads, fd_set* writes, fd_set* errors, struct timeval* timeout) {
  if (timeout == NULL) return REAL(select)(count, reads, writes, errors, NULL);
  const int64_t wanted = (int64_t)timeout->tv_sec * SECOND + (int64_t)timeout->tv_usec * 1000;
  const struct timespec wait = to_timespec(shorter(wanted));
  struct timeval shorter_wait = {wait.tv_sec, wait.tv_nsec / 1000};
  return REAL(select)(count, reads, writes, errors, &shorter_wait);
}
