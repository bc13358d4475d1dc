// Linux calls that the Glibc module lacks.
#ifndef HEADSERVE_CLINUX_SHIM_H
#define HEADSERVE_CLINUX_SHIM_H

#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// glibc declares it only for _GNU_SOURCE, which a module map cannot define.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

#endif
