import { BackspaceError } from '../../errors.ts'
import { describeHistory, HISTORY_FACTS, type HistoryWish } from '../workspace/history.ts'
import { gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'
import type { FetchRequest } from './fetched-repository.ts'
import { uploadRepository } from './upload-repository.ts'

/** Adds the packs in `$INCOMING` and the tags to the agent's clone, and moves its shallow boundary. */
const DEEPEN = `set -eu
D="$W/.git"
for first in "$INCOMING"/*.00000; do
  cat "\${first%00000}"* | git --git-dir="$D" index-pack --stdin >/dev/null
done
if [ -e "$INCOMING/refs" ]; then
  sed -n 's|^\\([0-9a-f]*\\) \\(refs/tags/.*\\)$|update \\2 \\1|p' "$INCOMING/refs" | git --git-dir="$D" update-ref --stdin || true
fi
if [ -e "$D/shallow" ]; then
  if [ -n "$SHALLOW" ]; then printf '%s' "$SHALLOW" > "$D/shallow"; else rm -f "$D/shallow"; fi
fi
rm -rf "$INCOMING"
G=$D
${HISTORY_FACTS}`

const MOST_MS = 180_000
/** Bytes of the packs that one call may fetch. */
const MOST_BYTES = 256 * 1024 * 1024

/** The history that is to be added to a clone. */
export interface MoreHistory {
  readonly has: HistoryWish
  /** Generations of commits with their files, more than the clone has. Default: all commits and tags, without files. */
  readonly commits?: number | undefined
}

/**
 * Adds more history to the agent's clone. The host fetches it, since no credential enters the sandbox again. The files of
 * the workspace and Backspace's own git directory do not change.
 *
 * @returns how much history the clone has now, worded like `Workspace.history`.
 * @throws {BackspaceError} `clone_failed` when fetching fails, takes longer than three minutes or exceeds 256 MiB.
 */
export async function deepenHistory(
  workspace: Workspace,
  { has, commits }: MoreHistory,
  request: FetchRequest,
): Promise<string> {
  const { sandbox, base, path } = workspace
  const late = AbortSignal.timeout(MOST_MS)
  const signal = AbortSignal.any([request.signal, late])
  const { others } = has
  const history = commits === undefined ? { depth: 0, others } : { depth: commits, others }
  try {
    const deeper = { ...workspace, base: { ...base, history } }
    const incoming = await uploadRepository(deeper, { ...request, signal, mostBytes: MOST_BYTES })
    const printed = await runInSandbox(sandbox, DEEPEN, {
      signal,
      timeoutMs: MOST_MS,
      env: {
        ...gitEnvironment(),
        W: path,
        SHA: base.sha,
        INCOMING: incoming.directory,
        SHALLOW: incoming.shallow,
      },
      code: 'clone_failed',
      failure: 'The commits could not be added to the clone.',
    })
    return describeHistory(printed.trim().split('\n').at(-1) ?? '', { depth: commits ?? has.depth, others })
  } catch (error) {
    if (!late.aborted || request.signal.aborted) throw error
    throw new BackspaceError(
      'clone_failed',
      'Fetching took longer than three minutes. Ask for fewer commits.',
    )
  }
}
