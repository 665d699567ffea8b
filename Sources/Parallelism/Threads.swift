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
/// If the system provides no further threads, fewer do the work.
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

/// State under a lock, whose changes threads can wait for.
///
/// It hides the system's lock, which must not move.
@safe
final class Condition<State>: @unchecked Sendable {
  private var state: State
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>

  init(_ state: State) {
    self.state = state
    unsafe mutex = .allocate(capacity: 1)
    unsafe changed = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Changes the state and wakes all that wait.
  func change<Value>(_ body: (inout State) -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer {
      unsafe pthread_cond_broadcast(changed)
      unsafe pthread_mutex_unlock(mutex)
    }
    return body(&state)
  }

  /// Waits until `body` has an answer, which may change the state.
  func waitFor<Value>(_ body: (inout State) -> Value?) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let value = body(&state) { return value }
      unsafe pthread_cond_wait(changed, mutex)
    }
  }
}
