// Words of the operator to a process that runs, or to the next one that will: files in a folder. Each lies there until what it
// led to is durable, so that no crash loses one; after a crash it may be carried out twice. Several processes may look into the
// folder: an order is given to one of them.

#ifndef CALSYNC_ADAPTER_RUNNER_INBOX_H_
#define CALSYNC_ADAPTER_RUNNER_INBOX_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/host/input.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

struct Order {
  GroupId group;
  OperatorCommand command;  // Never a Reconfigure: settings have a file of their own.
};

// An order where it lies.
struct FiledOrder {
  std::string file;
  absl::StatusOr<Order> order;  // Or why it cannot be read now.
  // While a copy of it lives, no other look finds the order, of this process or another. It goes with its process.
  std::shared_ptr<const void> claim{};
};

class Inbox {
 public:
  explicit Inbox(std::string folder) : folder_(std::move(folder)) {}

  // Durable when it returns.
  absl::Status Put(const Order& order) const;
  // All that lie there and that nobody else has, oldest first. What is no order is dropped; what cannot be read now stays, and is
  // among them.
  absl::StatusOr<std::vector<FiledOrder>> Look() const;
  // It is done, or nobody will ever do it.
  void Remove(const FiledOrder& filed) const;

 private:
  std::string folder_;
};

// "resync ann", "resume-writes ann", "confirm-sweep ann 00000000000000a1", "adopt-legacy ann",
// "settle-legacy ann 00000000000000a1 EVENT mine", "… EVENT block 00000000000000b2 SOURCE".
std::string FormatOrder(const Order& order);
absl::StatusOr<Order> ParseOrder(absl::string_view text);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_INBOX_H_
