import { knownError } from '../../errors.ts'
import { getComment, updateComment } from '../../github/comments.ts'
import type { GitHubAccess } from '../../github/github-access.ts'
import type { Run } from '../../runs/run.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import type { Chore } from '../../runs/upkeep/chores.ts'
import type { SafeMarkdown } from '../../text/markdown/safe-markdown.ts'
import { type ClaimedComment, PROGRESS_COMMENT } from './claim-comment.ts'
import { sharedProof } from './proof-comment.ts'
import { FINAL_COMMENT } from './thread-comment.ts'

interface CheckEndingsDeps {
  readonly github: GitHubAccess
  readonly store: Pick<RunStore, 'get' | 'findOnThread'>
  readonly effects: Pick<EffectStore, 'result' | 'keep' | 'endedWithout'>
  /** Writes the ending of a run from its log; false if GitHub refuses comments in its thread. */
  readonly writeEnding: (runId: string) => Promise<boolean>
  /** Called with failures that will not go away by themselves. */
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  /** Milliseconds from the end of a run until its comment is checked. Default: 60,000. */
  readonly minAgeMs?: number | undefined
}

const EVERY_MS = 60_000
/** After this time, every edit that was in progress has arrived. */
const MIN_AGE_MS = 60_000
const AT_ONCE = 20
/** The effect that marks a run's comment as checked. */
const CHECKED = 'ending_checked'

/**
 * Checks the comment of each ended run once, and writes the ending if it is missing: the process that had to write it may
 * have died, or a process that slept may have overwritten it and died.
 */
export function checkEndings(deps: CheckEndingsDeps): Chore {
  const { store, effects, writeEnding, onError, minAgeMs = MIN_AGE_MS } = deps

  /** @returns true if the run need not be checked again. */
  async function check(run: Run): Promise<boolean> {
    const text = await effects.result({ runId: run.id, name: FINAL_COMMENT })
    // `writeEnding` first stores the text, which a later check finds. If GitHub refuses the comment, checking again is useless.
    if (typeof text !== 'string') return !(await writeEnding(run.id))
    if ((await sharedProof(run, store))?.hasComment === false) return true
    const created = await effects.result({ runId: run.id, name: PROGRESS_COMMENT })
    // The text is stored before the comment is created, and the process may have died in between.
    if (!created) return !(await writeEnding(run.id))
    // Both are stored by `ThreadComment`.
    await restore(deps.github, run, { comment: created as ClaimedComment, body: text as SafeMarkdown })
    return true
  }

  async function keepChecked({ id: runId, attempt }: Run): Promise<void> {
    await effects.keep({ runId, name: CHECKED, attempt, result: true })
  }

  return {
    name: 'check-endings',
    everyMs: EVERY_MS,
    async run(signal) {
      for (const runId of await effects.endedWithout(CHECKED, { minAgeMs, limit: AT_ONCE })) {
        if (signal.aborted) return
        const run = await store.get(runId)
        if (!run) continue
        try {
          if (await check(run)) await keepChecked(run)
        } catch (error) {
          if (isTemporary(error)) return
          onError(error, { runId })
          await keepChecked(run)
        }
      }
    },
  }
}

/** Writes the stored text into the comment again. A comment that a person deleted stays deleted. */
async function restore(
  github: GitHubAccess,
  run: Run,
  { comment: { id: commentId }, body }: { readonly comment: ClaimedComment; readonly body: SafeMarkdown },
): Promise<void> {
  const { repository: asked, installationId } = run.request
  const { octokit, repository } = await github.repository({ ...asked, installationId })
  const comment = await getComment(octokit, { repository, commentId })
  if (comment === undefined || sameText(comment.body, body)) return
  await updateComment(octokit, { repository, commentId, body })
}

function sameText(shown: string, stored: string): boolean {
  return shown.replaceAll('\r\n', '\n').trim() === stored.trim()
}

function isTemporary(error: unknown): boolean {
  const code = knownError(error)?.code
  return code === 'github_unavailable' || code === 'github_rate_limited'
}
