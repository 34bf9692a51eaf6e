#include "engine/state/tag.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/siphash.h"

namespace calsync {
namespace {

constexpr char kIdKey[] = "calsync_id";
constexpr char kTypeKey[] = "calsync_type";
constexpr char kSourceKey[] = "calsync_source";
constexpr char kInstanceKey[] = "calsync_instance";
constexpr char kVersionKey[] = "calsync_version";
constexpr char kBlockType[] = "busy_block";
constexpr char kBlockPrefix[] = "calsync_";
constexpr char kUserPrefix[] = "calsync.";
constexpr char kUserValuePrefix[] = "1:user_event:";

// Events have few properties: looking at all of them takes less than a key for a look-up.
const std::string* Find(const PropertyMap& properties, absl::string_view key) {
  for (const auto& [held, value] : properties) {
    if (held == key) return &value;
  }
  return nullptr;
}

bool HasKeyWithPrefix(const PropertyMap& properties, absl::string_view prefix) {
  return std::any_of(properties.begin(), properties.end(),
                     [&](const auto& property) { return absl::StartsWith(property.first, prefix); });
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

TagReading Tags::Read(const PropertyMap& properties) const {
  if (properties.empty()) return {};
  if (HasKeyWithPrefix(properties, kBlockPrefix)) {
    const std::string* instance = Find(properties, kInstanceKey);
    if (instance != nullptr && *instance != instance_ && ParseUuid(*instance).has_value()) {
      return {TagVerdict::kForeignBlock, std::nullopt};
    }
    const std::string* id = Find(properties, kIdKey);
    return {TagVerdict::kOurBlock, id == nullptr ? std::nullopt : ReadCorrelationId(*id)};
  }
  if (const std::string* value = Find(properties, user_key_); value != nullptr) {
    absl::string_view text = *value;
    if (!absl::StartsWith(text, kUserValuePrefix)) return {TagVerdict::kUnreadableUser, std::nullopt};
    text.remove_prefix(sizeof kUserValuePrefix - 1);
    const std::optional<CorrelationId> id = ReadCorrelationId(text);
    return {id.has_value() ? TagVerdict::kOurUserEvent : TagVerdict::kUnreadableUser, id};
  }
  return {HasKeyWithPrefix(properties, kUserPrefix) ? TagVerdict::kForeignUser : TagVerdict::kNone, std::nullopt};
}

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
    const std::string* held = Find(properties, property.first);
    return held != nullptr && *held == property.second;
  });
}

absl::string_view Tags::AdoptionIn(const PropertyMap& properties) {
  const std::string* held = properties.empty() ? nullptr : Find(properties, kAdoptionKey);
  return held == nullptr ? absl::string_view() : absl::string_view(*held);
}

std::string Tags::UserValue(const CorrelationId& user_event) const {
  return absl::StrCat(kUserValuePrefix, FormatUuid(user_event.value));
}

}  // namespace calsync
