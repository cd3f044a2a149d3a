/* Tries whatever a connector must not do, and what it may, and tells how each attempt ended.
 *
 * Its check logs a line an attempt: "attempt NAME: done" or "attempt NAME: refused (why)". Options:
 * `secret` a file that it was not given, `outside` a directory that it was not given, `victim` a
 * process of the same user, `socket` a local socket that somebody listens on, `port` a port of this
 * machine that somebody listens on, `given` and `writable` files that it was given; `do` names one
 * deed that the process may not survive, which is then done instead. */
#define _GNU_SOURCE
#define PLUGIN_ID "hostile"
#define PLUGIN_CREATE hostile_create
#define PLUGIN_CHECK hostile_check
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "skeleton.h"

static char secret[512], outside[512], local_socket[512], given[512], writable[512], deed[64];
static pid_t victim;
static uint32_t port;
static const sluice_host* host;
static int error_of_constructor = -1; /* 0: the constructor has read what nobody gave it */

static const char* in_outside(const char* name) {
  static char path[1024];
  snprintf(path, sizeof path, "%s/%s", outside, name);
  return path;
}

static const char* of_process(pid_t pid, const char* name) {
  static char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return path;
}

/* Runs before anybody has called the plugin. The path is the one that everybody knows. */
__attribute__((constructor)) static void at_load(void) {
  const int fd = open("/etc/passwd", O_RDONLY);
  error_of_constructor = fd < 0 ? errno : 0;
  if (fd >= 0) close(fd);
}

static void tell(const char* name, int has_done) {
  char line[256];
  const int error = errno;
  if (has_done) {
    snprintf(line, sizeof line, "attempt %s: done", name);
  } else {
    snprintf(line, sizeof line, "attempt %s: refused (%s)", name, strerror(error));
  }
  host->log(host->self, SLUICE_LOG_INFO, slice_of(line));
}

static int can_read(const char* path) {
  char byte;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const int has_read = read(fd, &byte, 1) >= 0;
  close(fd);
  return has_read;
}

static int can_open(const char* path, int flags) {
  const int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd < 0) return 0;
  close(fd);
  return 1;
}

static int can_listen(void) {
  struct sockaddr_in any = {.sin_family = AF_INET};
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return 0;
  const int listens = bind(fd, (struct sockaddr*)&any, sizeof any) == 0 && listen(fd, 1) == 0;
  close(fd);
  return listens;
}

/* Without a bind the kernel chooses the port. */
static int can_listen_anywhere(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return 0;
  const int listens = listen(fd, 1) == 0;
  close(fd);
  return listens;
}

static int can_connect_locally(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  memcpy(name.sun_path, local_socket, sizeof name.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return 0;
  const int connects = connect(fd, (struct sockaddr*)&name, sizeof name) == 0;
  close(fd);
  return connects;
}

static int can_connect(void) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  const int connects = connect(fd, (struct sockaddr*)&name, sizeof name) == 0;
  close(fd);
  return connects;
}

static int can_open_socket(int family, int type, int protocol) {
  const int fd = socket(family, type, protocol);
  if (fd < 0) return 0;
  close(fd);
  return 1;
}

static int can_fork(void) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  if (child < 0) return 0;
  waitpid(child, NULL, 0);
  return 1;
}

static int can_read_memory_of(pid_t pid) {
  char byte;
  struct iovec here = {&byte, 1};
  struct iovec there = {(void*)host, 1}; /* any address: EFAULT tells that it may look */
  return process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static int can_trace(pid_t pid) {
  return ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;
}

/* Has the kernel send a signal (which does nothing) when a pipe becomes readable. */
static int can_have_signals_sent(void) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  const int may = fcntl(ends[0], F_SETOWN, victim) == 0 && fcntl(ends[0], F_GETOWN) == victim;
  close(ends[0]);
  close(ends[1]);
  return may;
}

static int can_limit(pid_t pid) {
  struct rlimit now;
  return prlimit(pid, RLIMIT_NOFILE, NULL, &now) == 0 &&
         prlimit(pid, RLIMIT_NOFILE, &now, NULL) == 0;
}

static int can_replace(const char* path) {
  char copy[600];
  snprintf(copy, sizeof copy, "%s.moved", path);
  return rename(path, copy) == 0 && rename(copy, path) == 0;
}

static int can_link_and_read(void) {
  char copy[600];
  const char* folder = getenv("TMPDIR");
  snprintf(copy, sizeof copy, "%s/link", folder == NULL ? "/tmp" : folder);
  unlink(copy);
  if (link(secret, copy) != 0 && symlink(secret, copy) != 0) return 0;
  const int reads = can_read(copy);
  const int error = errno;
  unlink(copy);
  errno = error;
  return reads;
}

static int can_make_temporary_file(void) {
  char name[600];
  const char* folder = getenv("TMPDIR");
  snprintf(name, sizeof name, "%s/hostile-XXXXXX", folder == NULL ? "/tmp" : folder);
  const int fd = mkstemp(name);
  if (fd < 0) return 0;
  const int writes = write(fd, "x", 1) == 1;
  close(fd);
  return unlink(name) == 0 && writes;
}

static int can_resolve(void) {
  struct addrinfo* found = NULL;
  if (getaddrinfo("localhost", NULL, NULL, &found) != 0) return 0;
  freeaddrinfo(found);
  return 1;
}

static void* nothing(void* argument) {
  return argument;
}

static int can_start_threads(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, nothing, NULL) != 0) return 0;
  return pthread_join(thread, NULL) == 0;
}

static void try_files(void) {
  errno = error_of_constructor;
  tell("read while being loaded", error_of_constructor == 0);
  tell("read a secret", can_read(secret));
  tell("read the host's environment", can_read(of_process(getppid(), "environ")));
  tell("read another's environment", can_read(of_process(victim, "environ")));
  tell("open the host's memory", can_open(of_process(getppid(), "mem"), O_RDONLY));
  tell("open another's memory", can_open(of_process(victim, "mem"), O_RDONLY));
  tell("reach a secret by another's root", can_read(of_process(victim, "root/etc/passwd")));
  tell("read through a link", can_link_and_read());
  tell("look into a directory", can_open(outside, O_RDONLY | O_DIRECTORY));
  tell("write a secret", can_open(secret, O_WRONLY));
  tell("cut a secret", truncate(secret, 6) == 0);
  tell("make a secret public", chmod(secret, 0644) == 0);
  tell("give a secret away", chown(secret, getuid(), getgid()) == 0);
  tell("rename a secret", can_replace(secret));
  tell("create a file outside", can_open(in_outside("file"), O_WRONLY | O_CREAT));
  tell("remove a file outside", unlink(in_outside("old")) == 0);
  tell("create a directory outside", mkdir(in_outside("folder"), 0700) == 0);
  tell("open a file by its handle",
       syscall(SYS_open_by_handle_at, -1, NULL, O_RDONLY) >= 0 || errno == EFAULT);
}

static void try_processes(void) {
  tell("fork", can_fork());
  tell("trace the host", can_trace(getppid()));
  tell("trace another", can_trace(victim));
  tell("look into the host", can_read_memory_of(getppid()));
  tell("look into another", can_read_memory_of(victim));
  tell("signal the host", kill(getppid(), 0) == 0);
  tell("signal another", kill(victim, 0) == 0);
  tell("have signals sent to another", can_have_signals_sent());
  tell("limit the host", can_limit(getppid()));
  tell("hold a handle of the host", syscall(SYS_pidfd_open, getppid(), 0) >= 0);
  tell("leave its process group", setpgid(0, getppid()) == 0 || setsid() >= 0);
  tell("outlive the host", prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0);
  tell("slow the host", setpriority(PRIO_PROCESS, (id_t)getppid(), 1) == 0);
}

static void try_network(void) {
  tell("listen", can_listen());
  tell("listen anywhere", can_listen_anywhere());
  tell("connect to a local socket", can_connect_locally());
  tell("ask the kernel about the network", can_open_socket(AF_NETLINK, SOCK_RAW, 0));
  tell("see all packets", can_open_socket(AF_PACKET, SOCK_RAW, 0));
  tell("make packets", can_open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static void try_privileges(void) {
  tell("gain privileges by programs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
  tell("be dumped", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
  tell("become root", setuid(0) == 0);
  tell("change root", chroot("/") == 0);
  tell("mount",
       mount("none", "/proc/self", NULL, MS_REMOUNT | MS_NOATIME, NULL) == 0 || errno == EINVAL);
  tell("make a namespace of its own", unshare(CLONE_NEWUTS) == 0);
  tell("use io_uring", syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno == EFAULT);
  tell("load programs into the kernel",
       syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno == EINVAL || errno == EFAULT);
  tell("keep shared memory", shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) >= 0);
  tell("keep files in memory", syscall(SYS_memfd_create, "x", 0) >= 0);
}

static void try_what_is_allowed(void) {
  tell("allowed: read a given file", can_read(given));
  tell("allowed: write a given file", can_open(writable, O_WRONLY | O_TRUNC));
  tell("allowed: connect", can_connect());
  tell("allowed: resolve a name", can_resolve());
  tell("allowed: read certificates", can_open("/etc/ssl/certs", O_RDONLY | O_DIRECTORY));
  tell("allowed: read time zones", can_read("/usr/share/zoneinfo/Europe/Berlin"));
  tell("allowed: start threads", can_start_threads());
  tell("allowed: make temporary files", can_make_temporary_file());
  tell("allowed: read random numbers", can_read("/dev/urandom"));
}

/* Of ordinary memory, and of memory that is shared with nobody else. */
static void take_memory(int flags) {
  const size_t step = (size_t)16 << 20;
  for (size_t taken = 0; taken < (size_t)1024 << 20; taken += step) {
    char* memory = mmap(NULL, step, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      tell("take 1 GiB of memory", 0);
      return;
    }
    memset(memory, 1, step);
  }
  tell("take 1 GiB of memory", 1);
}

static void* sleeping(void* argument) {
  while (1) pause();
  return argument;
}

static void start_threads(void) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  pthread_t thread;
  for (int i = 0; i < 3000; ++i)
    if (pthread_create(&thread, &small, sleeping, NULL) != 0) break;
  sleep(60);
}

static void write_much(void) {
  const int fd = open(writable, O_WRONLY | O_TRUNC | O_CLOEXEC);
  static char block[1 << 20];
  int written = 0;
  while (written < 8 && write(fd, block, sizeof block) == sizeof block) ++written;
  tell("write 8 MiB", written == 8);
  close(fd);
}

static void open_many(void) {
  int opened = 0;
  while (opened < 400 && dup(2) >= 0) ++opened;
  tell("open 400 descriptors", opened == 400);
}

static void leave_an_orphan(void) {
  const pid_t child = fork();
  if (child == 0) {
    while (1) pause();
  }
  char line[64];
  snprintf(line, sizeof line, "orphan %d", child);
  host->log(host->self, SLUICE_LOG_INFO, slice_of(line));
}

static void do_deed(void) {
  if (strcmp(deed, "kill_host") == 0) tell("kill the host", kill(getppid(), SIGKILL) == 0);
  if (strcmp(deed, "kill_victim") == 0) tell("kill another", kill(victim, SIGKILL) == 0);
  if (strcmp(deed, "exec") == 0) {
    char command[1100];
    snprintf(command, sizeof command, "echo done > %s", in_outside("from_a_shell"));
    execl("/bin/sh", "sh", "-c", command, NULL);
    tell("run a program", 0);
  }
  if (strcmp(deed, "memory") == 0) take_memory(MAP_PRIVATE);
  if (strcmp(deed, "shared_memory") == 0) take_memory(MAP_SHARED);
  if (strcmp(deed, "keep_shared_memory") == 0) {
    take_memory(MAP_SHARED);
    sleep(60);
  }
  if (strcmp(deed, "threads") == 0) start_threads();
  if (strcmp(deed, "write") == 0) write_much();
  if (strcmp(deed, "descriptors") == 0) open_many();
  if (strcmp(deed, "orphan") == 0) leave_an_orphan();
}

sluice_code hostile_create(const sluice_host* services, sluice_slice config,
                           sluice_instance** instance, sluice_failure* failure) {
  host = services;
  text_in(config, "secret", secret, sizeof secret);
  text_in(config, "outside", outside, sizeof outside);
  text_in(config, "socket", local_socket, sizeof local_socket);
  text_in(config, "given", given, sizeof given);
  text_in(config, "writable", writable, sizeof writable);
  text_in(config, "do", deed, sizeof deed);
  victim = (pid_t)number_in(config, "victim", 0);
  port = number_in(config, "port", 0);
  return good_create(services, config, instance, failure);
}

sluice_code hostile_check(sluice_instance* instance, sluice_buffer* result,
                          sluice_failure* failure) {
  (void)instance;
  (void)failure;
  if (deed[0] != '\0') {
    do_deed();
  } else {
    try_files();
    try_processes();
    try_network();
    try_privileges();
    try_what_is_allowed();
  }
  *result = text_buffer("{\"account_id\":\"acme\",\"title\":\"Acme\"}");
  return SLUICE_OK;
}
