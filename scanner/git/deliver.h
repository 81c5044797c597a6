// Reading objects from several threads, each with a Lookup of its own, and handing them over to a sink.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/lookup.h"

namespace keytrail::git {

// Calls work(lookup, worker, i) for each i below `count`, in slices of neighbours that threads take one after the
// other. `own` is the calling thread's lookup, over the same `folders`. Ends early when `sink` is cancelled.
using LookupWork = std::function<void(Lookup& lookup, unsigned worker, std::size_t i)>;
void in_slices(Lookup& own, const std::vector<std::string>& folders, std::size_t count, std::size_t slice,
               const core::Sink& sink, unsigned threads, const LookupWork& work);

struct Delivery {
  ObjectName object;
  core::BlobOrigin origin;  // its kind: a blob, or a commit or a tag of which the message is handed over
};

core::BlobOrigin origin_of_blob(const ObjectName& object);
core::BlobOrigin origin_of_message(const ObjectName& commit);
core::BlobOrigin origin_of_tag(const ObjectName& tag);

// Many from the same pack at once (packed_delivery.h), the others one by one. What cannot be read is a skip, under the
// origin's path or else the object's id.
void deliver(Lookup& own, const std::vector<std::string>& folders, const std::vector<Delivery>& deliveries,
             core::Sink& sink, unsigned threads);

}  // namespace keytrail::git
