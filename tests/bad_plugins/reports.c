/* Behaves well; its check tells how its process is set up. */
#define PLUGIN_ID "reports"
#define PLUGIN_CHECK reports_check
#include <dirent.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "skeleton.h"

static int open_descriptors(void) {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == NULL) return -1;
  int count = -1; /* the folder itself */
  while (readdir(folder) != NULL) ++count;
  closedir(folder);
  return count - 2; /* "." and ".." */
}

sluice_code reports_check(sluice_instance* instance, sluice_buffer* result,
                          sluice_failure* failure) {
  (void)instance;
  (void)failure;
  char input[64] = "";
  if (readlink("/proc/self/fd/0", input, sizeof input - 1) < 0) input[0] = '\0';
  struct rlimit core;
  getrlimit(RLIMIT_CORE, &core);
  char text[1024];
  snprintf(
      text, sizeof text,
      "{\"account_id\":\"a\",\"title\":\"A\",\"details\":{\"pid\":%d,\"group\":%d,\"stdin\":\"%s\","
      "\"core\":%lu,\"dumpable\":%d,\"descriptors\":%d,\"secret\":\"%s\","
      "\"path\":%s}}",
      getpid(), getpgrp(), input, (unsigned long)core.rlim_cur, prctl(PR_GET_DUMPABLE),
      open_descriptors(), getenv("A_SECRET") == NULL ? "" : getenv("A_SECRET"),
      getenv("PATH") == NULL ? "false" : "true");
  *result = text_buffer(text);
  return SLUICE_OK;
}
