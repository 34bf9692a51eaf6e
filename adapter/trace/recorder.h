// Records what the engines of a running CalSync are given and answer, a file for each sync group, bounded in size.
//
// What is written is redacted (redaction.h). Beside each engine goes another one that is given what the file has: the file's
// effects are its effects, so they follow from what the file has, and never from what it leaves out. Both are compared at every
// step; where a text decides in a way that its pseudonym does not keep, they part, and the recording of that group pauses until
// its engine is started again. So an engine costs twice while it is recorded.
//
// A recording never stops a sync: whatever goes wrong with its files ends it, with one warning.

#ifndef CALSYNC_ADAPTER_TRACE_RECORDER_H_
#define CALSYNC_ADAPTER_TRACE_RECORDER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/trace/pseudonyms.h"
#include "adapter/trace/recording.h"
#include "adapter/trace/redaction.h"
#include "engine/engine.h"

namespace calsync::adapter {

struct RecorderOptions {
  std::string folder;  // Made, for the owner alone, if it is not there.
  Texts texts = Texts::kRedacted;
  int64_t bytes_max = int64_t{64} << 20;  // Of one file.
  size_t files_max = 4;                   // Of one group, those of earlier processes too; the oldest goes.
  std::function<SipKey()> random;         // Keys that nobody can guess.
  std::function<void(absl::string_view)> warn;
};

class Recorder {
 public:
  // Errors say what failed and what to do.
  static absl::StatusOr<std::unique_ptr<Recorder>> Open(RecorderOptions options);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // An engine is about to be built from these.
  void OnStart(const GroupConfig& config, const GroupImage& image, const SipKey& seed);
  // It took an input. The first is Started.
  void OnStep(const GroupId& group, const Input& input, absl::Time now, const Effects& effects);
  // No more: the files get their end.
  void Close(absl::Time now);

 private:
  struct File;
  struct Group;

  explicit Recorder(RecorderOptions options);
  void Take(Group& group, const Input& input, absl::Time now, const Effects& effects);
  void TakeHeld(Group& group);
  static std::string NewZones(Group& group, const std::vector<std::string>& zones);
  bool Begin(Group& group, const Started& started, absl::Time now);
  bool OpenFile(Group& group, absl::Time now);
  bool Append(Group& group, absl::string_view lines);
  bool HasRoom(const Group& group, absl::string_view lines) const;
  void WarnOfPause(const Group& group, absl::string_view why) const;
  // For texts or settings; the file goes on.
  void Pause(Group& group, absl::string_view why, absl::Time now);
  void EndFile(Group& group, absl::string_view why, absl::Time now);
  void Fail(absl::string_view file, int error);

  RecorderOptions options_;
  absl::btree_map<GroupId, std::unique_ptr<Group>> groups_;
  uint64_t files_ = 0;
  bool failed_ = false;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_RECORDER_H_
