import { agentWords } from '../../text/agent-words.ts'
import { counted } from '../../text/amounts.ts'
import { codeSpan } from '../../text/fenced.ts'
import type { OutboundOptions } from '../../text/outbound-inline.ts'
import { outboundItem } from '../../text/outbound-markdown.ts'
import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'
import type { Conventions } from '../conventions/read-conventions.ts'
import { type FilledTemplate, fillTemplate } from './fill-template.ts'

interface TemplateFacts {
  readonly conventions: Pick<Conventions, 'template'> | undefined
  /** Of the agent. */
  readonly summary: string
  readonly table: SafeMarkdown
  readonly issue: SafeMarkdown
}

/** The repository's template with what is known; undefined if there is none to fill. */
export function templatePart(
  { conventions, summary, table, issue }: TemplateFacts,
  options: OutboundOptions & { readonly maxChars: number },
): FilledTemplate | undefined {
  if (conventions?.template === undefined) return undefined
  const words = agentWords(summary, options)
  const said = words === NOTHING ? NOTHING : safeMarkdown`In the agent's words:\n\n${words}`
  return fillTemplate(conventions.template, { summary: said, testing: table, issue }, options)
}

/** What a repository wants to know of a contribution: about models, and who certifies where it is from. */
export function contributorNotes(
  conventions: Partial<Pick<Conventions, 'policy' | 'signOff'>>,
  models: readonly string[],
  options: OutboundOptions,
): SafeMarkdown {
  return joinSafe([disclosure(conventions, models, options), signOffNote(conventions, options)], '\n\n')
}

function disclosure(
  { policy }: Partial<Pick<Conventions, 'policy'>>,
  models: readonly string[],
  options: OutboundOptions,
): SafeMarkdown {
  const used = models.filter((model) => model !== 'dummy')
  if (policy?.kind !== 'disclose' || used.length === 0) return NOTHING
  const names = joinSafe(
    used.map((model) => codeSpan(model)),
    ', ',
  )
  const count = counted(used.length, 'model')
  return safeMarkdown`Disclosure, as ${outboundItem(`\`${policy.path}\``, options)} asks: this change was written by ${outboundItem(count, options)} (${names}). No person has reviewed it yet.`
}

/** A sign-off certifies where a change is from, which a program cannot: the commit has none. */
function signOffNote(
  { signOff }: Partial<Pick<Conventions, 'signOff'>>,
  options: OutboundOptions,
): SafeMarkdown {
  if (signOff === undefined) return NOTHING
  return safeMarkdown`Sign-off: ${outboundItem(`\`${signOff}\``, options)} asks for one (Developer Certificate of Origin). Only a person can certify that, so the commit has none. The person who takes the change over adds it with \`git commit --amend --signoff\`, or in the message when squashing.`
}
