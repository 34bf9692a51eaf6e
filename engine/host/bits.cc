#include "engine/host/bits.h"

#include "absl/strings/string_view.h"

namespace calsync {

absl::uint128 Bits::Next128() {
  FieldBytes fields;
  fields.Number(counter_++);
  return SipHash128(seed_, fields.bytes());
}

}  // namespace calsync
