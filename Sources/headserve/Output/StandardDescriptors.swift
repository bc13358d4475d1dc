internal import Glibc

/// The three file descriptors that every process expects to be open.
enum StandardDescriptors {
    /// Opens those that were closed when the process began. Otherwise a socket would get the
    /// number of standard error, and its client the log.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // `open` returns the lowest free number, which is this one.
            _ = unsafe Glibc.open("/dev/null", O_RDWR)
        }
    }
}
