// What a running CalSync records, held against whole seeds: redaction changes nothing that an engine decides, and every recording
// repeats to the byte.

#include "adapter/trace/recording.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/trace/recorder.h"
#include "gtest/gtest.h"
#include "scenarios/campaign.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

// A recorder for each engine of a world: groups of several installations have one name.
class Recorders : public EngineWitness {
 public:
  Recorders(std::string folder, uint64_t seed) : folder_(std::move(folder)), drawn_(seed) {}

  void OnStart(int instance, const GroupConfig& config, const GroupImage& image, const SipKey& seed) override {
    std::unique_ptr<adapter::Recorder>& recorder = recorders_[instance];
    if (recorder == nullptr) {
      adapter::RecorderOptions options{.folder = absl::StrCat(folder_, "/", instance), .files_max = 1000};
      options.random = [this] { return SipKey{++drawn_ * 0x9e3779b97f4a7c15u, ~drawn_ * 0xd6e8feb86659fd93u}; };
      options.warn = [this](absl::string_view what) { warned.emplace_back(what); };
      recorder = *adapter::Recorder::Open(std::move(options));
    }
    recorder->OnStart(config, image, seed);
  }
  void OnStep(int instance, const GroupId& group, const Input& input, absl::Time now, const Effects& effects) override {
    recorders_.at(instance)->OnStep(group, input, now, effects);
    last_ = now;
  }
  void Close() {
    for (const auto& [instance, recorder] : recorders_) recorder->Close(last_);
  }

  std::vector<std::string> warned;

 private:
  std::string folder_;
  uint64_t drawn_;
  absl::Time last_;
  std::map<int, std::unique_ptr<adapter::Recorder>> recorders_;
};

TEST(Recording, WholeSeedsRepeatToTheByteAndTextsDecideAsTheirPseudonymsDo) {
  const char* const more = std::getenv("CALSYNC_RECORDED_SEEDS");
  const uint64_t seeds = more == nullptr ? 30 : std::strtoull(more, nullptr, 10);
  uint64_t steps = 0, engines = 0, paused = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    std::string folder = ::testing::TempDir() + "recorded-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const auto recorders = std::make_shared<Recorders>(folder, seed);
    RunSeed({.witness = recorders}, seed);
    recorders->Close();
    bool paused_here = false;
    for (const std::string& what : recorders->warned) {
      if (absl::StrContains(what, "the settings changed")) continue;
      paused_here = true;
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), what.c_str());
    }
    paused += paused_here ? 1 : 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      const absl::StatusOr<adapter::ReplayedRecording> replayed = adapter::ReplayRecording(text, entry.path().string());
      ASSERT_TRUE(replayed.ok()) << "seed " << seed << ": " << replayed.status();
      ASSERT_FALSE(replayed->difference.has_value())
          << "seed " << seed << ", step " << replayed->difference->step << ", " << replayed->difference->what << "\n"
          << replayed->difference->recorded << "\n"
          << replayed->difference->repeated;
      steps += replayed->steps;
      engines += replayed->starts;
    }
    std::filesystem::remove_all(folder);
  }
  // Blocks that another process made, met before the event that they are for, and such: docs/decisions/0031-*.
  EXPECT_LE(paused * 10, seeds + 10);
  EXPECT_GT(steps, seeds * 100);
  EXPECT_GT(engines, seeds);
  RecordProperty("steps", std::to_string(steps));
  RecordProperty("engines", std::to_string(engines));
}

}  // namespace
}  // namespace calsync::sim
