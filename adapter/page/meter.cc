#include "adapter/page/meter.h"

#include <array>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "adapter/google/pacing.h"

namespace calsync::adapter {

void Meter::Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions questions) {
  const int units = UnitsOf(*request);
  const std::string method(MethodOf(*request));
  auto counted = [this, units, method, answered = std::move(answered)](Reply reply) {
    std::string outcome = OutcomeOf(reply);
    if (outcome != "not_sent") units_ += units;
    ++calls_[{method, std::move(outcome)}];
    answered(std::move(reply));
  };
  inner_.Send(account, std::move(request), std::move(counted), std::move(questions));
}

absl::string_view MethodOf(const Request& request) {
  constexpr std::array<absl::string_view, std::variant_size_v<Request>> kNames = {
      "list", "get", "insert", "patch", "update", "delete", "move", "import", "watch", "stop", "get_calendar", "instances"};
  return kNames[request.index()];
}

std::string OutcomeOf(const Reply& reply) {
  const auto* const error = std::get_if<ApiError>(&reply);
  if (error == nullptr) return "ok";
  switch (error->transport) {
    case Transport::kAnswered:
      return absl::StrCat(error->code);
    case Transport::kNotSent:
      return "not_sent";
    case Transport::kTimeout:
      return "timeout";
    case Transport::kReset:
      return "reset";
    case Transport::kUnreadable:
      return "unreadable";
  }
  return "?";
}

}  // namespace calsync::adapter
