import type { FollowUp } from '../../agent/agent.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { swapEyes } from '../../github/reactions.ts'
import type { FollowUpStore, StoredFollowUp } from '../../runs/follow-ups/follow-up-store.ts'
import { requesterLogin } from '../../runs/run.ts'

/** Hands to the agent what people add to a run while it works. */
export interface FollowUps {
  /** Returns the follow-ups that the transcript does not hold yet. */
  readonly take: () => Promise<readonly FollowUp[]>
  /** Reacts with 👍 to comments that the transcript now holds. Returns at once, and ignores refusals of GitHub. */
  readonly acknowledge: (keys: readonly string[]) => void
}

export function createFollowUps(
  store: Pick<FollowUpStore, 'waiting'>,
  { runId, access }: { readonly runId: string; readonly access: RepositoryAccess },
): FollowUps {
  const handedOut = new Map<string, StoredFollowUp>()
  return {
    async take() {
      const waiting = await store.waiting(runId)
      for (const followUp of waiting) handedOut.set(followUp.key, followUp)
      return waiting.map((followUp) => ({ id: followUp.key, author: nameOf(followUp), text: followUp.text }))
    },
    acknowledge(keys) {
      for (const key of keys) {
        const followUp = handedOut.get(key)
        if (followUp) react(access, followUp).catch(() => undefined)
      }
    },
  }
}

function nameOf({ author, request }: StoredFollowUp): string {
  return requesterLogin(request) === undefined ? author : `@${author}`
}

async function react(
  { octokit, repository, botLogin }: RepositoryAccess,
  { request: { comment } }: StoredFollowUp,
): Promise<void> {
  if (!comment) return
  const target = { kind: comment.kind, id: comment.id }
  await swapEyes(octokit, { repository, target, reaction: '+1', login: botLogin })
}
