#include "engine/state/block_id.h"

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/base32hex.h"
#include "engine/base/check.h"

namespace calsync {
namespace {

constexpr absl::string_view kPrefix = "cs";
constexpr size_t kIdLength = 47;
constexpr size_t kSlotBytes = 16;
constexpr size_t kGenerationBytes = 4;
constexpr size_t kMacBytes = 8;
constexpr size_t kBodyBytes = kSlotBytes + kGenerationBytes + kMacBytes;
static_assert(kPrefix.size() + (kBodyBytes * 8 + 4) / 5 == kIdLength, "the length that the design promises");

// Bytes of a known number, one field after the other.
template <size_t size>
class Body {
 public:
  void BigEndian(uint64_t value, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      bytes_[filled_++] = static_cast<char>(static_cast<unsigned char>(value >> (8 * (count - 1 - i))));
    }
  }
  void Slot(const SlotHash& slot) {
    BigEndian(absl::Uint128High64(slot.value), 8);
    BigEndian(absl::Uint128Low64(slot.value), 8);
  }
  absl::string_view bytes() const {
    CALSYNC_CHECK(filled_ == size);
    return absl::string_view(bytes_, size);
  }

 private:
  char bytes_[size] = {};
  size_t filled_ = 0;
};

uint64_t ReadBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

uint64_t MacOf(const SipKey& key, const CertifiedId& id, CalendarKey target) {
  FieldBytes fields;
  fields.Number128(id.slot.value).Number(id.generation).Number(target.value());
  return SipHash64(key, fields.bytes());
}

uint64_t AdoptionMacOf(const SipKey& key, const SlotHash& slot, CalendarKey target, absl::string_view event) {
  FieldBytes fields;
  fields.Number128(slot.value).Number(target.value()).Text(event);
  return SipHash64(key, fields.bytes());
}

SlotHash ReadSlot(absl::string_view bytes) {
  return {absl::MakeUint128(ReadBigEndian(bytes.substr(0, 8)), ReadBigEndian(bytes.substr(8, 8)))};
}

SlotHash HashSlot(const SipKey& key, CalendarKey source_calendar, absl::string_view source_event, CalendarKey target) {
  FieldBytes fields;
  fields.Number(source_calendar.value()).Text(source_event).Number(target.value());
  return {SipHash128(key, fields.bytes())};
}

}  // namespace

BlockIds::BlockIds(const std::vector<SipKey>& instance_keys, const GroupId& group) {
  CALSYNC_CHECK(!instance_keys.empty());
  for (const SipKey& instance_key : instance_keys) {
    const SipKey group_key = DeriveKey(instance_key, absl::StrCat("group:", group.text()));
    keys_.push_back({DeriveKey(group_key, "slot"), DeriveKey(group_key, "mac"), DeriveKey(group_key, "adoption")});
  }
}

SlotHash BlockIds::SlotOf(CalendarKey source_calendar, absl::string_view source_event, CalendarKey target) const {
  CALSYNC_CHECK(!keys_.empty());
  return HashSlot(keys_.front().slot, source_calendar, source_event, target);
}

absl::InlinedVector<SlotHash, 2> BlockIds::SlotsOf(CalendarKey source_calendar, absl::string_view source_event,
                                                   CalendarKey target) const {
  absl::InlinedVector<SlotHash, 2> slots;
  for (const Keys& keys : keys_) slots.push_back(HashSlot(keys.slot, source_calendar, source_event, target));
  return slots;
}

EventId BlockIds::Plan(const SlotHash& slot, uint32_t generation, CalendarKey target) const {
  CALSYNC_CHECK(!keys_.empty());
  CALSYNC_CHECK(generation > 0);
  Body<kBodyBytes> body;
  body.Slot(slot);
  body.BigEndian(generation, kGenerationBytes);
  body.BigEndian(MacOf(keys_.front().mac, {slot, generation}, target), kMacBytes);
  char id[kIdLength];
  std::memcpy(id, kPrefix.data(), kPrefix.size());
  EncodeBase32Hex(body.bytes(), id + kPrefix.size());
  return EventId(absl::string_view(id, kIdLength));
}

std::optional<CertifiedId> BlockIds::Verify(absl::string_view id, CalendarKey target) const {
  if (id.size() != kIdLength || id.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  char bytes[kBodyBytes];
  static_assert((kIdLength - kPrefix.size()) * 5 / 8 == kBodyBytes);
  if (!DecodeBase32Hex(id.substr(kPrefix.size()), bytes)) return std::nullopt;
  const absl::string_view body(bytes, kBodyBytes);
  const CertifiedId said{ReadSlot(body), static_cast<uint32_t>(ReadBigEndian(body.substr(kSlotBytes, kGenerationBytes)))};
  const uint64_t mac = ReadBigEndian(body.substr(kSlotBytes + kGenerationBytes));
  for (const Keys& keys : keys_) {
    if (MacOf(keys.mac, said, target) == mac) return said;
  }
  return std::nullopt;
}

std::string BlockIds::AdoptionOf(const SlotHash& slot, CalendarKey target, absl::string_view event) const {
  CALSYNC_CHECK(!keys_.empty());
  Body<kSlotBytes + kMacBytes> body;
  body.Slot(slot);
  body.BigEndian(AdoptionMacOf(keys_.front().adoption, slot, target, event), kMacBytes);
  return EncodeBase32Hex(body.bytes());
}

std::optional<SlotHash> BlockIds::VerifyAdoption(absl::string_view certificate, CalendarKey target,
                                                 absl::string_view event) const {
  constexpr size_t kBytes = kSlotBytes + kMacBytes;
  if (certificate.size() != (kBytes * 8 + 4) / 5) return std::nullopt;
  char bytes[kBytes];
  if (!DecodeBase32Hex(certificate, bytes)) return std::nullopt;
  const absl::string_view body(bytes, kBytes);
  const SlotHash slot = ReadSlot(body);
  const uint64_t mac = ReadBigEndian(body.substr(kSlotBytes));
  for (const Keys& keys : keys_) {
    if (AdoptionMacOf(keys.adoption, slot, target, event) == mac) return slot;
  }
  return std::nullopt;
}

bool BlockIds::HasShape(absl::string_view id) {
  return id.size() == kIdLength && id.substr(0, kPrefix.size()) == kPrefix && IsBase32Hex(id);
}

}  // namespace calsync
