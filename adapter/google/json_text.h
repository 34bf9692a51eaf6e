// JSON as it is sent.

#ifndef CALSYNC_ADAPTER_GOOGLE_JSON_TEXT_H_
#define CALSYNC_ADAPTER_GOOGLE_JSON_TEXT_H_

#include <nlohmann/json.hpp>
#include <string>

namespace calsync::adapter {

// Without spaces; what is no UTF-8 is replaced.
inline std::string Dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_JSON_TEXT_H_
