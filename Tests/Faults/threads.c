// For LD_PRELOAD: the system has no thread to give when it is asked for the one that FAILING_THREAD
// numbers, from 1; before and after that it has.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef int create_thread(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    static atomic_int count;
    const char *failing = getenv("FAILING_THREAD");
    if (failing != NULL && atomic_fetch_add(&count, 1) + 1 == atoi(failing)) return EAGAIN;
    create_thread *create = (create_thread *)dlsym(RTLD_NEXT, "pthread_create");
    return create(thread, attributes, body, argument);
}
