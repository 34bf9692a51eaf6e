// CALSYNC_CHECK: our own mistakes stop the process, in every build.
//
// What comes from outside (Google, people, files) is never checked this way: it is classified. See docs: "three kinds of
// trouble".

#ifndef CALSYNC_ENGINE_BASE_CHECK_H_
#define CALSYNC_ENGINE_BASE_CHECK_H_

namespace calsync {

// Prints "file:line: check failed: what" on stderr and aborts. A restart resumes from what is durable.
[[noreturn]] void CheckFailed(const char* file, int line, const char* what);

}  // namespace calsync

#define CALSYNC_CHECK(condition) ((condition) ? static_cast<void>(0) : ::calsync::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // CALSYNC_ENGINE_BASE_CHECK_H_
