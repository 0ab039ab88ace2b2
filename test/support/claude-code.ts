import { symlink } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLAUDE_CODE_VERSION } from '../../src/agent/claude-code/claude-command.ts'
import { fetchClaudeCode } from '../../src/commands/install/fetch-claude-code.ts'
import { makeOnce } from './make-once.ts'

/**
 * The real Claude Code. The first test that ever needs it downloads it from npm (180 MB) into the user's cache, where it
 * stays: it is no part of this repository, and no dependency.
 *
 * @returns path of the program.
 * @throws {BackspaceError} which says why npm could not deliver it: then the tests that need it fail.
 */
export async function claudeCodeBinary(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const kept = join(cache, 'backspace-tests', `claude-code-${CLAUDE_CODE_VERSION}`)
  // One of the workers downloads it, and the others wait; the link belongs to this test run.
  const link = join(tmpdir(), 'claude-code')
  await makeOnce(link, async () => {
    await fetchClaudeCode({ directory: kept })
    await symlink(kept, link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  })
  return join(kept, 'claude')
}
