import { lookEnvironment } from '../workspace/look-script.ts'
import { runInSandbox } from '../workspace/workspace.ts'
import type { Room } from './open-room.ts'

/** Only files whose size, times or kind are not those that git wrote are written, with the attributes of the tree. */
const RESTORE = `set -eu
cd "$GIT_WORK_TREE"
export GIT_INDEX_FILE="$GIT_DIR/index"
git ls-files -z --others --modified --exclude-standard -- .gitattributes '**/.gitattributes' | xargs -0 -r rm -rf --
git checkout-index --force --all --quiet`

/**
 * Writes again what code in a room has changed of the files of its tree, before that code runs on them a second time: a check
 * that rewrites its tests would pass then. Other files stay.
 *
 * @throws {BackspaceError} `clone_failed`
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function restoreFiles(
  { workspace }: Pick<Room, 'workspace'>,
  signal: AbortSignal,
): Promise<void> {
  await runInSandbox(workspace.sandbox, RESTORE, {
    signal,
    timeoutMs: 60_000,
    env: lookEnvironment(workspace),
    code: 'clone_failed',
    failure: 'The files of the change could not be restored in the clean sandbox.',
  })
}
