#include "scenarios/choices.h"

#include <utility>

#include "engine/base/check.h"

namespace calsync::sim {

absl::string_view Name(Stream stream) {
  switch (stream) {
    case Stream::kTopology:
      return "topology";
    case Stream::kPeople:
      return "people";
    case Stream::kNetwork:
      return "network";
    case Stream::kServer:
      return "server";
    case Stream::kNotifications:
      return "notifications";
    case Stream::kCrash:
      return "crash";
    case Stream::kDisk:
      return "disk";
    case Stream::kClock:
      return "clock";
    case Stream::kLegacy:
      return "legacy";
    case Stream::kWorkers:
      return "workers";
    case Stream::kMoments:
      return "moments";
    case Stream::kHabits:
      return "habits";
  }
  return "?";
}

bool FindStream(absl::string_view name, Stream& stream) {
  for (size_t i = 0; i < kStreams; ++i) {
    stream = static_cast<Stream>(i);
    if (Name(stream) == name) return true;
  }
  return false;
}

Choices Choices::FromSeed(uint64_t seed) {
  Choices choices;
  choices.kind_ = Kind::kSeed;
  choices.seed_ = SeedSource(seed);
  return choices;
}

Choices Choices::FromRecording(const std::vector<Choice>& recording) {
  RecordedSource source;
  for (const Choice& choice : recording) source.Add(choice.stream, choice.label, choice.value);
  Choices choices;
  choices.kind_ = Kind::kRecorded;
  choices.other_ = std::move(source);
  return choices;
}

Choices Choices::FromBytes(absl::Span<const uint8_t> bytes) {
  Choices choices;
  choices.kind_ = Kind::kBytes;
  choices.other_ = BytesSource(std::vector<uint8_t>(bytes.begin(), bytes.end()));
  return choices;
}

Choices Choices::Enumerated() {
  Choices choices;
  choices.kind_ = Kind::kEnumerated;
  choices.other_ = EnumeratedSource();
  return choices;
}

uint64_t Choices::ChooseSlowly(Stream stream, uint64_t bound, absl::string_view label) {
  CALSYNC_CHECK(bound > 0);
  uint64_t value = 0;
  switch (kind_) {
    case Kind::kBenign:
      break;
    case Kind::kSeed:
      value = bound <= 1 ? 0 : seed_.Next(stream, bound);
      break;
    case Kind::kRecorded:
      value = std::get<RecordedSource>(other_).Next(stream, label, bound);
      break;
    case Kind::kBytes:
      value = std::get<BytesSource>(other_).Next(bound);
      break;
    case Kind::kEnumerated:
      value = std::get<EnumeratedSource>(other_).Next(bound, label);
      break;
  }
  CALSYNC_CHECK(value < bound);
  if (recording_on_) recording_.push_back({stream, bound, value, std::string(label), spans_.size() - 1});
  return value;
}

}  // namespace calsync::sim
