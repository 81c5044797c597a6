"""The commands of docs/inventory.md do what it says, in order, in one shell that begins in an empty folder."""
import os
import shutil
import subprocess

from readme_test import BLOCK, commands, pattern
from support import KEYTRAIL, ROOT, Case, main


class InventoryDocument(Case):
    def test_the_commands_of_the_document(self):
        if not shutil.which("openssl"):
            self.skipTest("no openssl")
        (self.base / "bin").mkdir()
        os.symlink(KEYTRAIL, self.base / "bin/keytrail")
        state = self.base / "state"
        state.write_text("")
        environment = self.environment() | {"PATH": f"{self.base}/bin:{os.environ['PATH']}"}
        ran = 0
        for directive, _, block in BLOCK.findall((ROOT / "docs/inventory.md").read_text()):
            if directive == "not run":
                continue
            for command, output in commands(block):
                run = subprocess.run(["bash", "-c", f'. "{state}"\n{command} 2>&1\ncode=$?\nexport -p > "{state}"\nexit $code'],
                                     cwd=self.tree, capture_output=True, text=True, env=environment)
                self.assertRegex(run.stdout, "\\A" + pattern(output).rstrip("\n") + "\\s*\\Z", command)
                ran += 1
        self.assertGreater(ran, 10)


if __name__ == "__main__":
    main()
