import { lookEnvironment } from '../workspace/look-script.ts'
import { runInSandbox } from '../workspace/workspace.ts'
import type { Room } from './open-room.ts'

/** Writes only files whose size, times or kind have changed since git wrote them, with the attributes of the tree. */
const RESTORE = `set -eu
cd "$GIT_WORK_TREE"
export GIT_INDEX_FILE="$GIT_DIR/index"
git ls-files -z --others --modified --exclude-standard -- .gitattributes '**/.gitattributes' | xargs -0 -r rm -rf --
git checkout-index --force --all --quiet`

/**
 * Restores files of a room's tree that code in the room has changed. Call it before checks run a second time, since a check
 * that rewrites its tests could pass then. Other files stay.
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
