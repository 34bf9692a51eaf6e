// Everything that a store holds about a group, as one value: how a group moves from one store to another.

#ifndef CALSYNC_ADAPTER_STORE_STORED_GROUP_H_
#define CALSYNC_ADAPTER_STORE_STORED_GROUP_H_

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapter/store/store.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

// Reads it, without taking the group over. Nobody must write meanwhile.
absl::StatusOr<StoredGroup> ReadStored(Store& store, const GroupId& group);

// Equal for equal groups, whatever store they come from, and practically only for those: all columns of all rows.
absl::uint128 FingerprintOf(const StoredGroup& group);

enum class Copied : uint8_t { kNow, kBefore };
// Makes the group in `to` what it is in `from`, and reads it back. DataLoss if it is not the same then. What is the same already
// is not written, so a copy that was interrupted goes on where it was.
absl::StatusOr<Copied> CopyGroup(Store& from, Store& to, const GroupId& group);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_STORED_GROUP_H_
