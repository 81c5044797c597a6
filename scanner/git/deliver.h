// Hands objects over to a sink, from several threads, each of which reads with a Lookup of its own.
#pragma once

#include <string>
#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/lookup.h"

namespace keytrail::git {

struct Delivery {
  ObjectName object;
  core::BlobOrigin origin;  // its kind says whether this is a blob, or a commit of which the message is handed over
};

core::BlobOrigin origin_of_blob(const ObjectName& object);
core::BlobOrigin origin_of_message(const ObjectName& commit);

// What cannot be read is a skip, under the origin's path or else the object's id.
void deliver(const std::vector<std::string>& folders, const std::vector<Delivery>& deliveries, core::Sink& sink,
             unsigned threads);

}  // namespace keytrail::git
