# cmake -DOUTPUT=x.cc -DFUNCTION=name -DROOT=folder -DFILES="a,b" -P EmbedFiles.cmake: texts as C++ raw strings, for
# keytrail::ticket. The name of a file is what it is called below ROOT.
string(REPLACE "," ";" files "${FILES}")
set(rows "")
foreach(file IN LISTS files)
  file(READ "${file}" text)
  file(RELATIVE_PATH name "${ROOT}" "${file}")
  string(APPEND rows "      {\"${name}\", R\"keytrail(${text})keytrail\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"scanner/ticket/guide.h\"

namespace keytrail::ticket {

std::vector<BuiltinFile> ${FUNCTION}() {
  return {
${rows}  };
}

}  // namespace keytrail::ticket
")
