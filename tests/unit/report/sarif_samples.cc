// Writes each sample as SARIF into the folder that its argument names.
#include <fstream>
#include <iostream>

#include "tests/unit/report/sample.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: report_sarif_samples FOLDER\n";
    return 2;
  }
  for (const keytrail::test::Sample& sample : keytrail::test::samples()) {
    std::ofstream out(std::string(argv[1]) + "/" + sample.name + ".sarif", std::ios::binary);
    const keytrail::Status status =
        keytrail::report::write(keytrail::report::Format::sarif, sample.report, keytrail::test::sample_rules(),
                                keytrail::test::sample_options(), out);
    if (!status) {
      std::cerr << status.error().describe() << '\n';
      return 1;
    }
  }
  return 0;
}
