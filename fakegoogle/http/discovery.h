// The discovery document (C-108): the tables of methods and schemas as generated clients read them.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_DISCOVERY_H_
#define CALSYNC_FAKEGOOGLE_HTTP_DISCOVERY_H_

#include <string>

#include "fakegoogle/http/json.h"

namespace calsync::fake {

// `root_url` ends with "/".
Json DiscoveryDocument(const std::string& root_url);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_DISCOVERY_H_
