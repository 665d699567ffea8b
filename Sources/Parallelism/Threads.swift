#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The processors that are online.
func availableProcessors() -> Int {
  Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}

/// What a thread runs.
private final class Job {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Runs `body` once on each of `count` threads, the caller's among them, and waits for all.
///
/// Where the system gives no further thread, fewer do the work.
func runOnThreads(_ count: Int, _ body: @Sendable () -> Void) {
  withoutActuallyEscaping(body) { body in
    var threads: [pthread_t] = []
    for _ in 1..<max(1, count) {
      let job = unsafe Unmanaged.passRetained(Job(body)).toOpaque()
      var thread = pthread_t()
      let code = unsafe pthread_create(&thread, nil, runJob, job)
      guard code == 0 else {
        unsafe Unmanaged<Job>.fromOpaque(job).release()
        break
      }
      threads.append(thread)
    }
    body()
    for thread in threads { pthread_join(thread, nil) }
  }
}

private func runJob(_ job: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let job = unsafe job {
    unsafe Unmanaged<Job>.fromOpaque(job).takeRetainedValue().body()
  }
  return nil
}
