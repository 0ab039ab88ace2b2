import type { GitHubClient } from '../github/github-client.ts'
import { mayWrite, permissionOf } from '../github/repositories.ts'
import type { Thread } from '../runs/run.ts'
import { addHidden, type HiddenText, readVisible } from '../text/markdown/visible-text.ts'
import type { TriggerEvent } from './trigger-event.ts'

export interface AdoptedThread {
  readonly thread: Thread
  /** True when the text is the task although its author has no write access. */
  readonly tainted: boolean
  /** What the text hid from readers. */
  readonly hidden?: HiddenText | undefined
}

/**
 * Decides how much of an issue's own text the agent sees. A label, or a bare `/backspace`, by a writer means "do this
 * issue": the text is then the task, and the run is tainted if an outsider wrote it. If the comment has a prompt, an
 * outsider's text is left out. The text comes from the payload, so editing the issue later changes nothing.
 */
export async function adoptThread(
  octokit: GitHubClient,
  { event, textIsTask }: { readonly event: TriggerEvent; readonly textIsTask: boolean },
): Promise<AdoptedThread> {
  const { kind, number, title, body, author, url, authorId } = event.thread
  const byWriter =
    authorId === event.sender.id || mayWrite(await permissionOf(octokit, event.repository, author))
  if (byWriter || textIsTask) {
    const [heading, text] = [readVisible(title), readVisible(body)]
    const thread = { kind, number, title: heading.text, body: text.text, author, url }
    return { thread, tainted: !byWriter, hidden: addHidden(heading.hidden, text.hidden) }
  }
  const what = kind === 'issue' ? 'issue' : 'pull request'
  const note = `(The text of this ${what} was left out, because its author has no write access to the repository.)`
  return { thread: { kind, number, title: `${what} #${number}`, body: note, author, url }, tainted: false }
}
