import { SandboxError } from '../../sandbox/sandbox.ts'
import { lookEnvironment } from '../workspace/look-script.ts'
import type { Workspace } from '../workspace/workspace.ts'

const MOST_BYTES = 256 * 1024
/** Prints ignored paths; a folder with only ignored files is one line. */
const LIST = `cd "$GIT_WORK_TREE" && GIT_INDEX_FILE="$GIT_DIR/index" git ls-files -z --others --ignored --exclude-standard --directory --no-empty-directory | head -c ${MOST_BYTES}`

/** Paths that git ignores in a workspace. They only suggest a cause to people, and decide nothing. */
export async function ignoredPaths(workspace: Workspace, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const { stdout } = await workspace.sandbox.exec(LIST, {
      signal,
      timeoutMs: 30_000,
      env: lookEnvironment(workspace),
    })
    signal.throwIfAborted()
    return stdout.split('\0').filter((path) => path !== '')
  } catch (error) {
    if (error instanceof SandboxError) return []
    throw error
  }
}
