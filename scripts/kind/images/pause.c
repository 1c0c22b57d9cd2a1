/* What holds a pod's namespaces: waits, buries orphans, and goes when it is told to. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_child(int signal) {
  (void)signal;
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

static void on_end(int signal) {
  (void)signal;
  _exit(0);
}

int main(void) {
  signal(SIGCHLD, on_child);
  signal(SIGTERM, on_end);
  signal(SIGINT, on_end);
  while (1) pause();
}
