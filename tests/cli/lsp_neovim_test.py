"""keytrail lsp with Neovim, a client that others wrote: diagnostics, incremental edits, fixes, the end."""
import json
import os
import shutil
import subprocess
import sys

import support
from support import SLOW, Case, main

# What the editor does; it prints one line of JSON for each thing that is looked at.
SCRIPT = r"""
local function say(what, value) io.stdout:write(vim.json.encode({what, value}) .. "\n") end
local function wait(until_it) return vim.wait(tonumber(vim.env.SECONDS) * 1000, until_it, 20) end
local config = {name = "keytrail", cmd = {vim.env.KEYTRAIL, "lsp"}, root_dir = vim.fn.getcwd(),
                workspace_folders = {{uri = vim.uri_from_fname(vim.fn.getcwd()), name = "x"}}}
local function session()
vim.cmd("edit a.py")
local id
if vim.lsp.start then
  id = vim.lsp.start(config)
else
  id = vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(0, id)
end
local client = vim.lsp.get_client_by_id(id)
wait(function() return client.server_capabilities and (client.initialized or client.server_capabilities.textDocumentSync) end)
wait(function() return #vim.diagnostic.get(0) == 1 end)
local function diagnostics()
  local out = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    table.insert(out, {d.lnum, d.col, d.end_lnum, d.end_col, d.code or d.user_data.lsp.code, d.source, d.message, d.severity})
  end
  return out
end
say("opened", diagnostics())
-- Lines before it: incremental edits move it.
vim.api.nvim_buf_set_lines(0, 0, 0, false, {"# \u{1f511} before", ""})
wait(function() local d = vim.diagnostic.get(0)[1]; return d and d.lnum == 3 end)
say("moved", diagnostics())
local function actions()
  local params = vim.lsp.util.make_given_range_params({4, 0}, {4, 60}, 0, client.offset_encoding)
  params.context = {diagnostics = {}}
  return vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 10000)[id].result
end
local function fix(title)
  for _, action in ipairs(actions()) do
    if action.title:find(title, 1, true) then
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
      return true
    end
  end
end
vim.cmd("let &undolevels = &undolevels")  -- what comes is undone alone
say("allowed", fix("Allow"))
wait(function() return #vim.diagnostic.get(0) == 0 end)
say("after allowing", {vim.api.nvim_buf_get_lines(0, 3, 4, false)[1], #vim.diagnostic.get(0)})
vim.cmd("silent undo")
wait(function() return #vim.diagnostic.get(0) == 1 end)
say("undone", #vim.diagnostic.get(0))
say("replaced", fix("environment"))
wait(function() return #vim.diagnostic.get(0) == 0 end)
say("after replacing", {vim.api.nvim_buf_get_lines(0, 3, 4, false)[1], #vim.diagnostic.get(0)})
client.stop()
say("stopped", wait(function() return client.is_stopped() end))
end
local ok, problem = pcall(session)
if not ok then io.stdout:write(tostring(problem) .. "\n") end
vim.cmd("qall!")
"""


class Neovim(Case):
    def test_a_session(self):
        secret = self.github()
        self.write("a.py", f'key = "\u00e9"\napi_key = "{secret}"\n')
        (self.base / "session.lua").write_text(SCRIPT)
        run = subprocess.run(["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {self.base}/session.lua"],
                             cwd=self.tree, capture_output=True, timeout=120 * SLOW, stdin=subprocess.DEVNULL,
                             env=self.environment() | {"KEYTRAIL": support.KEYTRAIL, "SECONDS": str(10 * SLOW),
                                                       "XDG_STATE_HOME": str(self.base / "state")})
        lines = [line for line in run.stdout.decode().splitlines() if line.startswith("[")]
        said = dict(json.loads(line) for line in lines)
        self.assertIn("stopped", said, run.stdout.decode() + run.stderr.decode())
        (found,) = said["opened"]
        # Columns of Neovim are bytes.
        self.assertEqual(found[:6], [1, 11, 1, 51, "github-personal-access-token", "keytrail"])
        self.assertIn("ghp_****" + secret[-4:], found[6])
        self.assertEqual(said["moved"][0][:4], [3, 11, 3, 51])
        self.assertTrue(said["allowed"])
        self.assertEqual(said["after allowing"],
                         [f'api_key = "{secret}" # keytrail:allow github-personal-access-token -- TODO: why this is no leak', 0])
        self.assertEqual(said["undone"], 1)
        self.assertTrue(said["replaced"])
        self.assertEqual(said["after replacing"], ['api_key = os.environ["API_KEY"]', 0])
        self.assertTrue(said["stopped"])
        log = self.base / "state/nvim/lsp.log"
        self.assert_no_secret(log.read_bytes() if log.exists() else b"", "the editor's log")


if __name__ == "__main__":
    if not shutil.which("nvim"):
        print("skipped: there is no nvim (apt-get install neovim)")
        sys.exit(77)
    os.environ.pop("NVIM", None)
    main()
