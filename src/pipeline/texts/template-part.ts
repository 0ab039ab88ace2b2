import { agentWords } from '../../text/agent-words.ts'
import { counted } from '../../text/amounts.ts'
import { codeSpan } from '../../text/markdown/fenced.ts'
import type { OutboundOptions } from '../../text/markdown/outbound-inline.ts'
import { outboundItem } from '../../text/markdown/outbound-markdown.ts'
import { joinSafe, NOTHING, type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'
import { mentionsAi } from '../conventions/ai-policy.ts'
import type { Conventions } from '../conventions/read-conventions.ts'
import { type FilledTemplate, fillTemplate } from './fill-template.ts'

interface TemplateFacts {
  readonly conventions: Pick<Conventions, 'template'> | undefined
  /** The agent's summary. */
  readonly summary: string
  readonly table: SafeMarkdown
  readonly issue: SafeMarkdown
  readonly models: readonly string[]
}

/** The repository's template, filled in; undefined if there is none to fill. */
export function templatePart(
  { conventions, summary, table, issue, models }: TemplateFacts,
  options: OutboundOptions & { readonly maxChars: number },
): FilledTemplate | undefined {
  if (conventions?.template === undefined) return undefined
  const words = agentWords(summary, options)
  const said = words === NOTHING ? NOTHING : safeMarkdown`In the agent's words:\n\n${words}`
  const by = writtenBy(models, options)
  const assistance = by === NOTHING ? NOTHING : safeMarkdown`This ${by}`
  return fillTemplate(conventions.template, { summary: said, testing: table, issue, assistance }, options)
}

interface ContributorFacts {
  readonly conventions?: Partial<Pick<Conventions, 'policy' | 'signOff' | 'template'>> | undefined
  readonly outcome: { readonly totals: { readonly models: readonly string[] } }
}

/**
 * Notes that a repository asks contributors for: the use of models, and the sign-off.
 *
 * @param isDisclosed true if the filled template already discloses the use of models.
 */
export function contributorNotes(
  { conventions = {}, outcome }: ContributorFacts,
  isDisclosed: boolean,
  options: OutboundOptions,
): SafeMarkdown {
  const disclosed = isDisclosed ? NOTHING : disclosure(conventions, outcome.totals.models, options)
  return joinSafe([disclosed, signOffNote(conventions, options)], '\n\n')
}

function disclosure(
  { policy, template = '' }: Partial<Pick<Conventions, 'policy' | 'template'>>,
  models: readonly string[],
  options: OutboundOptions,
): SafeMarkdown {
  const words = writtenBy(models, options)
  if (words === NOTHING) return NOTHING
  if (policy?.kind === 'disclose')
    return safeMarkdown`Disclosure, as ${outboundItem(`\`${policy.path}\``, options)} asks: this ${words}`
  return mentionsAi(template) ? safeMarkdown`Disclosure, as the template asks: this ${words}` : NOTHING
}

/** `change was written by 1 model …`; empty if no model took part. */
function writtenBy(models: readonly string[], options: OutboundOptions): SafeMarkdown {
  const used = models.filter((model) => model !== 'dummy')
  if (used.length === 0) return NOTHING
  const names = joinSafe(
    used.map((model) => codeSpan(model)),
    ', ',
  )
  const count = counted(used.length, 'model')
  return safeMarkdown`change was written by ${outboundItem(count, options)} (${names}). No person has reviewed it yet.`
}

/** Explains why the commit has no sign-off: it certifies the origin of a change, which a program cannot do. */
function signOffNote(
  { signOff }: Partial<Pick<Conventions, 'signOff'>>,
  options: OutboundOptions,
): SafeMarkdown {
  if (signOff === undefined) return NOTHING
  return safeMarkdown`Sign-off: ${outboundItem(`\`${signOff}\``, options)} asks for one (Developer Certificate of Origin). Only a person can certify that, so the commit has none. The person who takes the change over adds it with \`git commit --amend --signoff\`, or in the message when squashing.`
}
