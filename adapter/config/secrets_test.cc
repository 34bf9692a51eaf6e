#include "adapter/config/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "1//refresh-token-marker";

std::string Contents(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

unsigned ModeOf(const std::string& file) {
  struct stat about = {};
  return stat(file.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

TEST(Keys, AreReadAsTheyWereWritten) {
  const ScratchDirectory scratch;
  const std::string file = scratch.path() + "/calsync.keys";
  const std::vector<InstanceKey> keys = {InstanceKey::Random(), InstanceKey::Random()};
  ASSERT_TRUE(WriteKeys(file, keys).ok());
  EXPECT_EQ(ModeOf(file), 0600u);
  const auto read = ReadKeys(file);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EngineKeys(*read), EngineKeys(keys));
  EXPECT_FALSE(keys[0].ForEngine() == keys[1].ForEngine());
}

TEST(Keys, MayStandInTheEnvironmentAsTheFileHasThem) {
  const ScratchDirectory scratch;
  const std::string file = scratch.path() + "/calsync.keys";
  const std::vector<InstanceKey> keys = {InstanceKey::Random(), InstanceKey::Random()};
  ASSERT_TRUE(WriteKeys(file, keys).ok());
  for (const std::string& given : {Contents(file), absl::StrCat(keys[0].Hex(), ",", keys[1].Hex()),
                                   absl::StrCat(" ", keys[0].Hex(), " ", keys[1].Hex(), "\n")}) {
    setenv("CALSYNC_KEYS", given.c_str(), 1);
    const auto read = ReadKeys("/nowhere/calsync.keys");
    unsetenv("CALSYNC_KEYS");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(EngineKeys(*read), EngineKeys(keys));
  }
}

TEST(Keys, AreNeverOverwritten) {
  const ScratchDirectory scratch;
  const std::string file = scratch.path() + "/calsync.keys";
  ASSERT_TRUE(WriteKeys(file, {InstanceKey::Random()}).ok());
  const std::string before = Contents(file);
  EXPECT_EQ(WriteKeys(file, {InstanceKey::Random()}).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Contents(file), before);
}

TEST(Keys, ThatOthersMayReadAreRefused) {
  const ScratchDirectory scratch;
  const std::string file = scratch.path() + "/calsync.keys";
  ASSERT_TRUE(WriteKeys(file, {InstanceKey::Random()}).ok());
  chmod(file.c_str(), 0644);
  const auto read = ReadKeys(file);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("chmod 600"));
}

TEST(Keys, ThatAreNoneAreNamedByLineAndNotShown) {
  const ScratchDirectory scratch;
  const std::string file = scratch.path() + "/calsync.keys";
  std::ofstream(file) << "# mine\nabcdefSECRET\n";
  chmod(file.c_str(), 0600);
  const std::string message(ReadKeys(file).status().message());
  EXPECT_THAT(message, HasSubstr(":2: a key is 64 hexadecimal digits"));
  EXPECT_THAT(message, Not(HasSubstr("SECRET")));
}

TEST(Vault, GivesBackWhatOnlyItsKeyOpens) {
  const ScratchDirectory scratch;
  const std::string folder = scratch.path() + "/grants";
  const InstanceKey key = InstanceKey::Random();
  const Vault vault(folder, {key});
  ASSERT_TRUE(vault.Put("ann@example.org", kSecret).ok());
  ASSERT_TRUE(vault.Put("../bob", "other").ok());
  EXPECT_EQ(vault.Get("ann@example.org").value(), kSecret);
  EXPECT_EQ(vault.Get("../bob").value(), "other");
  EXPECT_THAT(vault.Names().value(), ElementsAre("../bob", "ann@example.org"));
  EXPECT_EQ(ModeOf(folder), 0700u);
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(ModeOf(file.path().string()), 0600u);
    EXPECT_THAT(Contents(file.path().string()), Not(HasSubstr("refresh-token")));
  }
  EXPECT_EQ(Vault(folder, {InstanceKey::Random()}).Get("ann@example.org").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Vault(folder, {InstanceKey::Random(), key}).Get("ann@example.org").value(), kSecret) << "after a change of keys";
  ASSERT_TRUE(vault.Remove("ann@example.org").ok());
  EXPECT_EQ(vault.Get("ann@example.org").status().code(), absl::StatusCode::kNotFound);
}

TEST(Vault, ADamagedSecretIsSaidToBeOne) {
  const ScratchDirectory scratch;
  const Vault vault(scratch.path(), {InstanceKey::Random()});
  ASSERT_TRUE(vault.Put("ann", kSecret).ok());
  const std::string file = scratch.path() + "/ann.secret";
  std::string text = Contents(file);
  text.back() ^= 1;
  std::ofstream(file, std::ios::binary) << text;
  const absl::Status status = vault.Get("ann").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("calsync login --account ann"));
}

}  // namespace
}  // namespace calsync::adapter
