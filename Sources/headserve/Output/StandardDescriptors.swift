internal import Glibc

/// The three descriptors that every process expects to have.
enum StandardDescriptors {
    /// Opens those that were closed when the process began: a socket would get their numbers
    /// otherwise, and a client the log.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest number that is free, which is this one.
            _ = unsafe Glibc.open("/dev/null", O_RDWR)
        }
    }
}
