import type { AgentTask } from './agent.ts'
import { clipTitle } from './clip-title.ts'

/** What a trigger asks for that brings no words of its own. */
const WORDLESS = /^Do what this (?:issue|pull request) asks for\b/

/** What the request itself says, for a run whose agent named no title: "do it" says less than its thread's title. */
export function titleOf({ prompt, thread }: AgentTask): string {
  const asked = clipTitle(prompt)
  const title = clipTitle(thread?.title ?? '')
  const telling = asked.split(' ').length >= 4 && !WORDLESS.test(asked)
  return (telling ? asked : title || asked) || 'Requested change'
}
