/* Runs a program as on a kernel that has neither Landlock nor filters of system calls. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
  static const struct {
    int call;
    int error;
  } lacking[] = {{444 /* landlock_create_ruleset */, ENOSYS},
                 {445 /* landlock_add_rule */, ENOSYS},
                 {446 /* landlock_restrict_self */, ENOSYS},
                 {SCMP_SYS(seccomp), ENOSYS}};
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; ++i) {
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)lacking[i].error), lacking[i].call, 0) !=
        0)
      return 125;
  }
  if (argc < 2 || seccomp_load(filter) != 0) {
    fputs("usage: old_kernel PROGRAM [argument ...]\n", stderr);
    return 125;
  }
  execv(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
