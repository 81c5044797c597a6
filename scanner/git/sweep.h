// Delivers every object of a store to a sink, from several threads.
#pragma once

#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/object_store.h"

namespace keytrail::git {

// Reads every object and hands blobs and messages to `sink`; what cannot be read is a skip. Trees are looked through
// for entries that the store lacks. Types of objects are set in `store`. Returns what there is to know of commits and
// tags, and what is missing. `shallow` must be sorted. How many blobs there will be is not known before they are read.
CommitLog sweep(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned threads);

}  // namespace keytrail::git
