import type { FollowUp } from '../../agent/agent.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { swapEyes } from '../../github/reactions.ts'
import type { NoteStore, RunNote } from '../../runs/notes/note-store.ts'
import { requesterLogin } from '../texts/requester-login.ts'

/** What people add to a run while its agent works. */
export interface FollowUps {
  /** Those that the transcript does not hold yet. */
  readonly take: () => Promise<readonly FollowUp[]>
  /** The transcript holds them now: their comments get 👍. Returns at once; a refusal by GitHub is no error. */
  readonly acknowledge: (keys: readonly string[]) => void
}

export function createFollowUps(
  notes: Pick<NoteStore, 'waiting'>,
  { runId, access }: { readonly runId: string; readonly access: RepositoryAccess },
): FollowUps {
  const handedOut = new Map<string, RunNote>()
  return {
    async take() {
      const waiting = await notes.waiting(runId)
      for (const note of waiting) handedOut.set(note.key, note)
      return waiting.map((note) => ({ id: note.key, author: nameOf(note), text: note.text }))
    },
    acknowledge(keys) {
      for (const key of keys) {
        const note = handedOut.get(key)
        if (note) react(access, note).catch(() => undefined)
      }
    },
  }
}

function nameOf({ author, request }: RunNote): string {
  return requesterLogin(request) === undefined ? author : `@${author}`
}

async function react(
  { octokit, repository, botLogin }: RepositoryAccess,
  { request: { comment } }: RunNote,
): Promise<void> {
  if (!comment) return
  const target = { kind: comment.kind, id: comment.id }
  await swapEyes(octokit, { repository, target, reaction: '+1', login: botLogin })
}
