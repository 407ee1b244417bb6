/* Ways out of the host and to other programs of it. */
#include "probe.h"
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The family, the type and the protocol with spaces between. */
static int make_socket(const char *numbers) {
  char *at = (char *)numbers;
  int family = strtol(at, &at, 10), type = strtol(at, &at, 10), protocol = strtol(at, &at, 10);
  return outcome(socket(family, type, protocol));
}

static int connect_unix(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
  return socket_ == -1 ? errno : outcome(connect(socket_, (void *)&address, sizeof address));
}

static int listen_unix(const char *unused) {
  (void)unused;
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0linuxguard-probe"};
  int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
  if (socket_ == -1 || bind(socket_, (void *)&address, sizeof address) == -1) return errno;
  return outcome(listen(socket_, 1));
}

static int listen_tcp(const char *ip) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(ip)};
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  if (socket_ == -1 || bind(socket_, (void *)&address, sizeof address) == -1) return errno;
  return outcome(listen(socket_, 1));
}

static int bind_udp(const char *ip) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(ip)};
  int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  return socket_ == -1 ? errno : outcome(bind(socket_, (void *)&address, sizeof address));
}

/* Nobody listens there: that the host says so means that it was reached. */
static int connect_tcp(const char *ip) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = inet_addr(ip)};
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  if (socket_ == -1) return errno;
  return outcome_but(connect(socket_, (void *)&address, sizeof address), ECONNREFUSED);
}

const struct act socket_acts[] = {
    {"socket: kernel cryptography", make_socket, "38 5 0"},
    {"socket: vsock", make_socket, "40 1 0"},
    {"socket: netlink route", make_socket, "16 3 0"},
    {"socket: netlink audit", make_socket, "16 3 9"},
    {"socket: netlink uevent", make_socket, "16 3 15"},
    {"socket: packet", make_socket, "17 3 768"},
    {"socket: raw IPv4", make_socket, "2 3 1"},
    {"socket: raw IPv6", make_socket, "10 3 58"},
    {"socket: unix, to the journal", connect_unix, "/run/systemd/journal/stdout"},
    {"socket: unix, to systemd", connect_unix, "/run/systemd/private"},
    {"socket: unix, listen", listen_unix, NULL},
    {"socket: listen on TCP", listen_tcp, "127.0.0.1"},
    {"socket: cloud metadata", connect_tcp, "169.254.169.254"},
    {"need: connect by TCP", connect_tcp, "127.0.0.1"},
    {"need: bind a UDP port", bind_udp, "127.0.0.1"},
    {NULL, NULL, NULL},
};
