import type { AgentTask } from './agent.ts'
import { clipTitle } from './clip-title.ts'

/** What a trigger asks for that brings no words of its own. */
const WORDLESS = /^Do what this (?:issue|pull request) asks for\b/

/** A block of code says nothing about itself, nor does the place that a comment was written on. */
const CODE = /^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))|^\(Written on .*\)$/gm

/** What the request itself says, for a run whose agent named no title: "do it" says less than its thread's title. */
export function titleOf({ prompt, thread }: AgentTask): string {
  const asked = clipTitle(prompt.replaceAll(CODE, ''))
  const title = clipTitle(thread?.title ?? '')
  const telling = asked.split(' ').length >= 4 && !WORDLESS.test(asked)
  return (telling ? asked : title || asked) || 'Requested change'
}
