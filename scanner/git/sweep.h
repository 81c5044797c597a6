// Delivers every object of a store to a sink, from several threads: packs by the pack walk, each object expanded once
// and blobs with what they were copied from; loose objects one by one; see object_pass.h.
#pragma once

#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/object_store.h"

namespace keytrail::git {

// Reads every object and hands blobs and messages to `sink`; what cannot be read anywhere is a skip. Types of objects
// are set in `store`. Returns what there is to know of commits and tags, and what is missing. `shallow` must be sorted.
// Trees are left to TreeMap::build(); their types are set here where they stand in files of their own, and there where
// packs are walked.
CommitLog sweep(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned threads);

}  // namespace keytrail::git
