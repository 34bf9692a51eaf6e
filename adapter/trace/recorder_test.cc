#include "adapter/trace/recorder.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/testing/builders.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A group whose every text says that it is not to be seen.
GroupConfig APrivateConfig() {
  GroupConfig config = AConfig({"work", "home", "team"});
  config.id = GroupId("Markergroup");
  config.calendars[0].name = "Markerwork";
  config.calendars[1].name = "Markerhome & Co";
  config.policy.title_template = "Busy - {summary}";
  config.policy.description_template = "Markertemplate of {calendar}: {summary} ";
  config.policy.keywords = {"Markerlunch", "lunch"};
  config.policy.push_address = "https://markerhost.example.org/notify";
  config.policy.detection = Detection::kHybrid;
  config.directions.push_back({KeyOf("home"), KeyOf("work"), config.policy});
  config.directions.back().policy.title_template = "Markeraway";
  return config;
}

Event APrivateEvent(absl::string_view title) {
  Event event = EventOf({.title = std::string(title)});
  event.description = "Markerdescription";
  event.location = "Markerplace";
  event.color_id = "Markercolour";
  event.ical_uid = ICalUid("Markeruid@example.org");
  event.organizer = {"Markerorganizer@example.org", true};
  event.creator = {"Markercreator@example.org", false};
  event.attendees = {{.email = "Markerguest@example.org", .response = ResponseStatus::kAccepted}};
  event.private_properties = {{"Markerkey", "Markervalue"}, {"calsync.Markeruser", "1:Markertag"}};
  event.shared_properties = {{"Markershared", "Markervalue"}};
  event.reminders = {false, {{"Markermethod", 5}}};
  return event;
}

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() : folder_(::testing::TempDir() + "recordings-XXXXXX") {
    if (mkdtemp(folder_.data()) == nullptr) std::abort();
  }
  ~RecorderTest() override { std::filesystem::remove_all(folder_); }

  void Open(Texts texts = Texts::kRedacted, int64_t bytes_max = int64_t{64} << 20, size_t files_max = 4) {
    RecorderOptions options{.folder = folder_, .texts = texts, .bytes_max = bytes_max, .files_max = files_max};
    options.random = [this] { return SipKey{++drawn_ * 0x9e3779b97f4a7c15u, ~drawn_ * 0xd6e8feb86659fd93u}; };
    options.warn = [this](absl::string_view what) { warned_.emplace_back(what); };
    absl::StatusOr<std::unique_ptr<Recorder>> recorder = Recorder::Open(std::move(options));
    ASSERT_TRUE(recorder.ok()) << recorder.status();
    recorder_ = *std::move(recorder);
  }

  void Listen(ScriptedHost& host) {
    host.on_start = [this](const GroupConfig& config, const GroupImage& image, const SipKey& seed) {
      group_ = config.id;
      recorder_->OnStart(config, image, seed);
    };
    host.on_step = [this](const Input& input, absl::Time now, const Effects& effects) {
      recorder_->OnStep(group_, input, now, effects);
    };
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
  }

  // The whole of a life that a group with private texts leads.
  void LiveThrough(ScriptedHost& host) {
    Listen(host);
    const auto put = [&](absl::string_view calendar, absl::string_view id, absl::string_view title, int hours) {
      host.Put({.at = absl::StrCat(calendar, "/", id), .start = TestNow() + absl::Hours(hours)});
      host.Edit(calendar, id, [&](Event& event) {
        Event with = APrivateEvent(title);
        with.id = event.id;
        with.ical_uid = ICalUid(absl::StrCat("Markeruid-", id, "@example.org"));
        with.start = event.start;
        with.end = event.end;
        event = with;
      });
    };
    put("work", "markerevent1", "Markertitle one", 4);
    put("work", "markerevent2", "  Private Markertitle ", 6);
    put("home", "markerevent3", "MARKERLUNCH", 8);
    put("team", "markerevent4", "Secret Ärger", 10);
    put("team", "markerevent5", "Busy - Marktitle", 12);  // A text mark.
    put("home", "markerevent6", "", 14);
    put("home", "markerevent7", "Geheimtitle", 16);
    host.Edit("team", "markerevent4", [](Event& event) { event.visibility = Visibility::kPrivate; });
    put("work", "markerseries", "Weekly Geheimtitle", 30);
    host.Edit("work", "markerseries", [](Event& event) {
      event.start.time_zone = event.end.time_zone = "Europe/Zurich";
      event.recurrence = {"RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Europe/Zurich:20260520T100000"};
    });
    host.Start();
    host.AnswerAll();
    host.Settle();
    host.Edit("work", "markerevent2", [](Event& event) { event.summary = "Another Geheimtitle"; });
    host.Cancel("home", "markerevent7");
    host.Advance(absl::Hours(1));
    // A person writes into a block.
    const std::string block = host.IdOfBlock("work/markerevent1", "team");
    host.Edit("team", block, [](Event& event) { event.summary = "Geheimtitle by hand"; });
    host.Give(Notification{ChannelId("Markerchannel"), "Markertoken"});
    host.Advance(absl::Hours(8));
    host.Crash(Carried::kOut);
    host.Start();
    host.AnswerAll();
    host.Settle();
    host.Edit("work", "markerevent2", [](Event& event) { event.summary = "Once more Geheimtitle"; });
    GroupConfig config = APrivateConfig();
    config.policy.poll_interval = absl::Minutes(3);
    config.policy.page_size = 77;  // Another query.
    host.Give(OperatorCommand(calsync::Reconfigure{config}));
    host.AnswerAll();
    host.Give(OperatorCommand(WalkAgain{}));
    host.AnswerAll();
    host.Advance(absl::Hours(9));
  }

  std::string folder_;
  uint64_t drawn_ = 0;
  GroupId group_;
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::string> warned_;
};

TEST_F(RecorderTest, NothingPrivateIsInARedactedFileAndItReplaysToTheByte) {
  Open();
  ScriptedHost host(APrivateConfig());
  LiveThrough(host);
  EXPECT_GT(host.Live("team").size(), 5u);
  recorder_->Close(host.now());
  EXPECT_THAT(warned_, ::testing::IsEmpty());
  ASSERT_EQ(Files().size(), 1u);
  const std::string text = TextOf(Files().front());
  const absl::StatusOr<ReplayedRecording> replayed = ReplayRecording(text, "a.trace");
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_FALSE(replayed->difference.has_value()) << replayed->difference->what << "\n"
                                                 << replayed->difference->recorded << "\n"
                                                 << replayed->difference->repeated;
  EXPECT_EQ(replayed->starts, 2u);
  EXPECT_GT(replayed->steps, 60u);
  EXPECT_EQ(replayed->end, "stopped");
  const std::string lower = absl::AsciiStrToLower(text);
  for (const std::string secret : {"marker", "geheim", "secret", "private m", "rger", "lunch", "weekly g", "work@example.com"}) {
    const size_t at = lower.find(secret);
    EXPECT_EQ(at, std::string::npos) << secret << ": " << lower.substr(at < 60 ? 0 : at - 60, 160);
  }
  for (const SipKey& key : APrivateConfig().keys) {
    EXPECT_FALSE(absl::StrContains(text, absl::StrCat("\"k0\":", key.k0, ",")));
    EXPECT_FALSE(absl::StrContains(text, absl::StrCat("\"k1\":", key.k1, "}")));
  }
  for (const CalendarRow& row : host.image().calendars) {
    EXPECT_FALSE(absl::StrContains(text, absl::StrCat("\"", row.sync_token.text(), "\"")));
    ASSERT_FALSE(row.channels.empty());
    for (const ChannelRow& channel : row.channels) EXPECT_FALSE(absl::StrContains(text, channel.token.view()));
  }
  struct stat about = {};
  ASSERT_EQ(stat(Files().front().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0077, 0u) << "only its owner may read it";
}

TEST_F(RecorderTest, TextsThatAreKeptAreThereAndSecretsAreNot) {
  Open(Texts::kKept);
  ScriptedHost host(APrivateConfig());
  LiveThrough(host);
  recorder_->Close(host.now());
  EXPECT_THAT(warned_, ::testing::IsEmpty());
  const std::string text = TextOf(Files().front());
  const absl::StatusOr<ReplayedRecording> replayed = ReplayRecording(text, "a.trace");
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_FALSE(replayed->difference.has_value()) << replayed->difference->recorded << "\n" << replayed->difference->repeated;
  EXPECT_TRUE(absl::StrContains(text, "Another Geheimtitle"));
  EXPECT_FALSE(absl::StrContains(text, absl::StrCat("\"k0\":", APrivateConfig().keys[0].k0, ",")));
  for (const CalendarRow& row : host.image().calendars) {
    for (const ChannelRow& channel : row.channels) EXPECT_FALSE(absl::StrContains(text, channel.token.view()));
  }
}

TEST_F(RecorderTest, PseudonymsOfTwoRecordingsHaveNothingInCommon) {
  for (int i = 0; i < 2; ++i) {
    folder_ += i == 0 ? "" : "/second";
    Open();
    ScriptedHost host(AConfig());
    Listen(host);
    host.Put({.at = "work/e1", .title = "Dentist"});
    host.Start();
    host.AnswerAll();
    recorder_->Close(host.now());
  }
  std::vector<std::string> titles;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(folder_).parent_path())) {
    if (!entry.is_regular_file()) continue;
    const std::string text = TextOf(entry.path());
    const size_t at = text.find("\"summary\":\"t");
    ASSERT_NE(at, std::string::npos);
    titles.push_back(text.substr(at, 30));
  }
  folder_ = std::filesystem::path(folder_).parent_path();
  ASSERT_EQ(titles.size(), 2u);
  EXPECT_NE(titles[0], titles[1]);
}

TEST_F(RecorderTest, OneByteOfAnEffectIsSeen) {
  Open();
  ScriptedHost host(AConfig());
  Listen(host);
  host.Put({.at = "work/e1"});
  host.Start();
  host.AnswerAll();
  recorder_->Close(host.now());
  const std::string text = TextOf(Files().front());
  const size_t insert = text.find("\"sendUpdates\":\"none\"");
  ASSERT_NE(insert, std::string::npos);
  std::string changed = text;
  changed[insert + 16] = 'm';
  const absl::StatusOr<ReplayedRecording> replayed = ReplayRecording(changed, "a.trace");
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  ASSERT_TRUE(replayed->difference.has_value());
  EXPECT_THAT(replayed->difference->recorded, HasSubstr("\"nmne\""));
  EXPECT_THAT(replayed->difference->repeated, HasSubstr("\"none\""));
  EXPECT_THAT(replayed->difference->what, HasSubstr("effect"));
  // And a file that broke off in the middle of a line is good until there.
  const absl::StatusOr<ReplayedRecording> broken = ReplayRecording(text.substr(0, text.size() - 300), "a.trace");
  ASSERT_TRUE(broken.ok()) << broken.status();
  EXPECT_FALSE(broken->difference.has_value());
  EXPECT_EQ(broken->end, "");
}

TEST_F(RecorderTest, WhatIsNoRecordingIsToldWithItsLine) {
  Open();
  ScriptedHost host(AConfig());
  Listen(host);
  host.Put({.at = "work/e1"});
  host.Start();
  host.AnswerAll();
  host.Crash(Carried::kNot);
  host.Start();
  recorder_->Close(host.now());
  const std::string text = TextOf(Files().front());
  const size_t step = text.find("{\"line\":\"step\""), snapshot = text.find("{\"snapshot\""), row = text.find("{\"row\"");
  const std::string one_row = text.substr(row, text.find('\n', row) + 1 - row);
  ASSERT_NE(one_row, "");
  const struct {
    std::string text;
    const char* want;
  } kRows[] = {
      {text.substr(0, snapshot) + text.substr(step), "a.trace:2: a step before the snapshot is complete"},
      {text.substr(0, snapshot) + one_row, "a.trace:2: a row that no snapshot counts"},
      {text.substr(0, step) + "{\"line\":\"step\"}\n", "a step needs \"given\" and \"at\""},
      {text.substr(0, step) + "nonsense\n", "this is no line of JSON"},
      {text.substr(0, step) + "{\"line\":\"step\",\"at\":\"past\",\"given\":{\"timer\":{}}}\n", "is to be \"started\""},
      {text.substr(0, step) + "{\"line\":\"step\",\"at\":\"past\",\"given\":{\"reply\":{\"call\":7}}}\n",
       "\"call\" is not as it should be"},
      {text.substr(0, row) + one_row + one_row + text.substr(text.find("{\"line\"", row)), "twice"},
  };
  for (const auto& one : kRows) {
    const absl::StatusOr<ReplayedRecording> replayed = ReplayRecording(one.text, "a.trace");
    ASSERT_FALSE(replayed.ok()) << one.want;
    EXPECT_THAT(std::string(replayed.status().message()), HasSubstr(one.want));
  }
}

TEST_F(RecorderTest, SettingsThatChangeWhatTextsMeanPauseTheRecordingUntilTheNextStart) {
  Open();
  ScriptedHost host(AConfig());
  Listen(host);
  host.Put({.at = "work/e1"});
  host.Start();
  host.AnswerAll();
  GroupConfig config = AConfig();
  config.policy.keywords = {"dentist"};
  host.Give(OperatorCommand(calsync::Reconfigure{config}));
  host.AnswerAll();
  ASSERT_EQ(warned_.size(), 1u);
  EXPECT_THAT(warned_[0], HasSubstr("pauses: the settings changed"));
  host.Crash(Carried::kNot);
  host.Start();
  host.AnswerAll();
  recorder_->Close(host.now());
  const absl::StatusOr<ReplayedRecording> replayed = ReplayRecording(TextOf(Files().front()), "a.trace");
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_FALSE(replayed->difference.has_value());
  EXPECT_EQ(replayed->starts, 2u);
  EXPECT_EQ(replayed->mishaps.size(), 1u);
}

TEST_F(RecorderTest, FilesAreBounded) {
  constexpr int64_t kMax = 24 << 10;
  Open(Texts::kRedacted, kMax, 2);
  ScriptedHost host(AConfig());
  Listen(host);
  for (int start = 0; start < 6; ++start) {
    for (int i = 0; i < 8; ++i)
      host.Put({.at = absl::StrCat("work/e", start, i), .start = TestNow() + absl::Hours(start * 8 + i)});
    host.Start();
    host.AnswerAll();
    host.Settle();
    host.Crash(Carried::kOut);
  }
  recorder_->Close(host.now());
  EXPECT_LE(Files().size(), 2u);
  EXPECT_GE(warned_.size(), 1u);
  for (const std::string& file : Files()) {
    EXPECT_LE(std::filesystem::file_size(file), static_cast<uintmax_t>(kMax));
    const absl::StatusOr<ReplayedRecording> replayed = ReplayRecording(TextOf(file), file);
    ASSERT_TRUE(replayed.ok()) << replayed.status();
    EXPECT_FALSE(replayed->difference.has_value());
  }
}

TEST_F(RecorderTest, FilesOfEarlierProcessesCountAsWell) {
  const auto make = [&](const std::string& name) { std::ofstream(absl::StrCat(folder_, "/", name)) << "{}\n"; };
  for (const char* name : {"ann-20260102T000000Z-7-1.trace", "ann-20260101T000000Z-8-1.trace", "ann-20260103T000000Z-7-2.trace",
                           "ann-b-20260101T000000Z-8-2.trace", "ann-notes.trace", "bob-20260101T000000Z-8-3.trace"}) {
    make(name);
  }
  make(absl::StrCat("ann-20260102T120000Z-", getpid(), "-1.trace"));  // In a container each process has this number.
  Open(Texts::kRedacted, int64_t{64} << 20, 2);
  ScriptedHost host(AConfig());
  Listen(host);
  host.Start();
  host.AnswerAll();
  recorder_->Close(host.now());
  std::vector<std::string> left;
  for (const std::string& file : Files()) left.push_back(std::filesystem::path(file).filename());
  EXPECT_THAT(left,
              UnorderedElementsAre("ann-20260103T000000Z-7-2.trace", HasSubstr(absl::StrCat("-", getpid(), "-1.trace")),
                                   "ann-b-20260101T000000Z-8-2.trace", "ann-notes.trace", "bob-20260101T000000Z-8-3.trace"));
}

TEST_F(RecorderTest, AFullDiskEndsTheRecordingWithOneWarningAndNothingElse) {
  Open();
  ScriptedHost host(AConfig());
  Listen(host);
  host.Put({.at = "work/e1"});
  host.Start();
  while (Files().empty()) host.AnswerNext();
  // A limit on the size of files fails a write as a full disk does: in the middle of it.
  struct rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit tight = {std::filesystem::file_size(Files().front()) + 700, before.rlim_max};
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  host.AnswerAll();
  host.Settle();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(host.Live("home").size(), 1u) << "the sync went on";
  recorder_->Close(host.now());
  ASSERT_EQ(warned_.size(), 1u);
  EXPECT_THAT(warned_[0], HasSubstr("recording ends: cannot write"));
  const std::string text = TextOf(Files().front());
  EXPECT_EQ(text.back(), '\n') << "what was not written whole was taken back";
  const absl::StatusOr<ReplayedRecording> replayed = ReplayRecording(text, "a.trace");
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_FALSE(replayed->difference.has_value());
  EXPECT_GE(replayed->steps, 1u);
}

TEST_F(RecorderTest, NothingIsHeldAfterTheRecordingEnded) {
  Open();
  const auto zones = std::make_shared<const ZoneTable>();
  // Steps of a group whose calendars were not walked yet are held: "ann" has no file so far, "bob" has one.
  const auto start = [&](const std::string& name, LinkState state) {
    GroupConfig config = AConfig();
    config.id = GroupId(name);
    for (LinkedCalendar& calendar : config.calendars) calendar.state = state;
    const SipKey seed{1, 2};
    recorder_->OnStart(config, GroupImage(), seed);
    Engine engine(config, GroupImage(), seed);
    const Started started{.zones = zones};
    recorder_->OnStep(config.id, started, TestNow(), engine.Step(started, TestNow()));
  };
  start("ann", LinkState::kEnabled);
  start("bob", LinkState::kDisabled);
  const auto open_files = [&] {
    size_t count = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      count += absl::StartsWith(std::filesystem::read_symlink(entry.path(), error).string(), folder_) ? 1 : 0;
    }
    return count;
  };
  ASSERT_EQ(open_files(), 1u);
  ASSERT_GT(zones.use_count(), 1);
  std::filesystem::remove_all(folder_);  // No file can be made any more.
  start("carol", LinkState::kDisabled);
  ASSERT_EQ(warned_.size(), 1u);
  EXPECT_THAT(warned_[0], HasSubstr("recording ends"));
  EXPECT_EQ(open_files(), 0u);
  EXPECT_EQ(zones.use_count(), 1) << "no step is held";
  recorder_->Close(TestNow());
}

TEST_F(RecorderTest, AFolderThatCannotBeWrittenIsToldAtOnce) {
  RecorderOptions options{.folder = "/proc/recordings"};
  EXPECT_THAT(std::string(Recorder::Open(std::move(options)).status().message()), HasSubstr("/proc/recordings"));
}

}  // namespace
}  // namespace calsync::adapter
