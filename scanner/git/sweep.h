// Delivers every object of a store to a sink, from several threads: packs by the pack walk, each object expanded once
// and blobs with what they were copied from; loose objects, and what the walk leaves over, one by one.
#pragma once

#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/commit_log.h"
#include "scanner/git/object_store.h"

namespace keytrail::git {

// Reads every object and hands blobs and messages to `sink`; what cannot be read is a skip. Trees are looked through
// for entries that the store lacks. Types of objects are set in `store`. Returns what there is to know of commits and
// tags, and what is missing. `shallow` must be sorted. How many blobs there will be is not known before they are read.
// Trees are left to TreeMap::build(); their types are set here where libgit2 reads them, and there where packs are
// walked.
CommitLog sweep(ObjectStore& store, const std::vector<ObjectName>& shallow, core::Sink& sink, unsigned threads);

// Says that the walk of the pack at `place` could not read an object, unless an earlier place has it too.
void report_lost(const ObjectStore& store, std::size_t place, std::string_view raw_id, bool over_limit,
                 const std::string& what, unsigned worker, core::Sink& sink);

}  // namespace keytrail::git
