#include "engine/state/tag.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/base/siphash.h"

namespace calsync {
namespace {

constexpr absl::string_view kIdKey = "calsync_id";
constexpr char kTypeKey[] = "calsync_type";
constexpr char kSourceKey[] = "calsync_source";
constexpr absl::string_view kInstanceKey = "calsync_instance";
constexpr char kVersionKey[] = "calsync_version";
constexpr char kBlockType[] = "busy_block";
constexpr char kUserPrefix[] = "calsync.";
constexpr absl::string_view kUserValuePrefix = "1:user_event:";

// Events have few properties: looking at all of them takes less than a key for a look-up.
template <class Properties>
std::optional<absl::string_view> Find(const Properties& properties, absl::string_view key) {
  for (const auto& [held, value] : properties) {
    if (held == key) return absl::string_view(value);
  }
  return std::nullopt;
}

std::optional<CorrelationId> ReadCorrelationId(absl::string_view text) {
  const std::optional<absl::uint128> value = ParseUuid(text);
  if (!value.has_value() || *value == 0) return std::nullopt;
  return CorrelationId{*value};
}

}  // namespace

Tags::Tags(const InstanceId& instance, const GroupId& group) : instance_(FormatUuid(instance.value)) {
  const uint64_t name = SipHash64({}, absl::StrCat(instance_, "/", group.text()));
  user_key_ = absl::StrFormat("%s%08x", kUserPrefix, static_cast<uint32_t>(name));
}

template <class Properties>
TagReading Tags::ReadAny(const Properties& properties) const {
  constexpr size_t kKind = kTagKeyPrefix.size();  // Where '_' or '.' stands.
  bool is_block = false;
  bool is_user = false;
  std::optional<absl::string_view> instance;
  std::optional<absl::string_view> id;
  std::optional<absl::string_view> ours;
  for (const auto& [held, value] : properties) {
    const absl::string_view key = held;
    if (key.size() <= kKind || !IsTagKey(key)) continue;
    if (key[kKind] == '_') {
      is_block = true;
      if (!id.has_value() && key == kIdKey) id = value;
      if (!instance.has_value() && key == kInstanceKey) instance = value;
    } else if (key[kKind] == '.') {
      is_user = true;
      if (!ours.has_value() && key == user_key_) ours = value;
    }
  }
  if (is_block) {
    if (instance.has_value() && *instance != instance_ && ParseUuid(*instance).has_value()) {
      return {TagVerdict::kForeignBlock, std::nullopt};
    }
    return {TagVerdict::kOurBlock, id.has_value() ? ReadCorrelationId(*id) : std::nullopt};
  }
  if (ours.has_value()) {
    absl::string_view text = *ours;
    if (!absl::ConsumePrefix(&text, kUserValuePrefix)) return {TagVerdict::kUnreadableUser, std::nullopt};
    const std::optional<CorrelationId> read = ReadCorrelationId(text);
    return {read.has_value() ? TagVerdict::kOurUserEvent : TagVerdict::kUnreadableUser, read};
  }
  return {is_user ? TagVerdict::kForeignUser : TagVerdict::kNone, std::nullopt};
}

TagReading Tags::Read(const PropertyMap& properties) const { return ReadAny(properties); }
TagReading Tags::Read(absl::Span<const PropertyView> properties) const { return ReadAny(properties); }

PropertyMap Tags::ForBlock(const CorrelationId& block, const CorrelationId& source) const {
  PropertyMap properties;
  properties.emplace(kIdKey, FormatUuid(block.value));
  properties.emplace(kTypeKey, kBlockType);
  properties.emplace(kSourceKey, FormatUuid(source.value));
  properties.emplace(kInstanceKey, instance_);
  properties.emplace(kVersionKey, absl::StrCat(kTagVersion));
  return properties;
}

bool Tags::HasBlockTag(const PropertyMap& properties, const CorrelationId& block, const CorrelationId& source) const {
  if (properties.empty()) return false;
  const PropertyMap tag = ForBlock(block, source);
  return std::all_of(tag.begin(), tag.end(), [&](const auto& property) {
    return Find(properties, property.first) == absl::string_view(property.second);
  });
}

absl::string_view Tags::AdoptionIn(const PropertyMap& properties) {
  return properties.empty() ? absl::string_view() : Find(properties, kAdoptionKey).value_or(absl::string_view());
}
absl::string_view Tags::AdoptionIn(absl::Span<const PropertyView> properties) {
  return Find(properties, kAdoptionKey).value_or(absl::string_view());
}

std::string Tags::UserValue(const CorrelationId& user_event) const {
  return absl::StrCat(kUserValuePrefix, FormatUuid(user_event.value));
}

}  // namespace calsync
