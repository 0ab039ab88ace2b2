import { type PushRules, pushRulesText } from '../../github/push-rules.ts'
import { counted } from '../../text/amounts.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import { findChangeEntries } from './change-entries.ts'
import type { ContributionAsks } from './contribution-asks.ts'
import type { TitleStyle } from './title-style.ts'

/** Sentences for the agent on a repository's conventions. */
export function hintsFor({
  title,
  paths,
  changelog,
  pushRules,
}: {
  readonly title: TitleStyle
  /** Every file of the base commit. */
  readonly paths: readonly string[]
  readonly changelog: ContributionAsks['changelog']
  readonly pushRules: PushRules | undefined
}): readonly string[] {
  return [...titleHints(title), ...changelogHints(paths, changelog), ...pushHints(pushRules)]
}

function titleHints({
  kind,
  allowed,
  allowedScopes,
  maxLength,
  emoji,
  ticket,
}: TitleStyle): readonly string[] {
  const form = FORMS[kind]
  const list = (words: Iterable<string>) =>
    [...words].slice(0, MOST_WORDS).map((word) => inlineCode(word, 40))
  const says = [
    ...(form === undefined ? [] : [form]),
    ...(kind === 'conventional' && allowed ? [`with one of the types ${list(allowed).join(', ')}`] : []),
    ...(kind === 'conventional' && allowedScopes
      ? [`with only the scopes ${list(allowedScopes).join(', ')}`]
      : []),
    ...(emoji ? ['begin with the gitmoji that fits, which is added for you'] : []),
    ...(ticket ? [`name the ticket of ${inlineCode(ticket.project, 20)} if the request does`] : []),
    ...(maxLength === undefined ? [] : [`have at most ${counted(maxLength, 'character')}`]),
  ]
  return says.length === 0 ? [] : [`Titles here ${says.join(', ')}`]
}

const MOST_WORDS = 25
const FORMS: Readonly<Partial<Record<TitleStyle['kind'], string>>> = {
  conventional: 'follow Conventional Commits: `fix(scope): what it does`',
  bracket: 'name the area first: `[area] what it does`',
  area: 'name the area first: `package: what it does`',
}

/** Hints on changelog entries. */
function changelogHints(paths: readonly string[], asked: ContributionAsks['changelog']): readonly string[] {
  const entries = findChangeEntries(paths)
  if (entries?.kind === 'changesets') {
    return [
      'A change of a published package needs a changeset here: a file `.changeset/<three-words>.md` whose front matter names the package as in its package.json and `patch`, `minor` or `major`, and whose text is for its users',
    ]
  }
  if (entries !== undefined) {
    return [
      `A change that users notice needs a file in ${inlineCode(entries.folder, 80)} here, named and written like those in it or in its README`,
    ]
  }
  if (asked === undefined) return []
  const { askedBy, path } = asked
  return [
    `${inlineCode(askedBy, 80)} asks for an entry in ${inlineCode(path, 80)}: for a change that users notice, add one below its heading for what is not released yet, written like those there`,
  ]
}

function pushHints(rules: PushRules | undefined): readonly string[] {
  const refused = rules ? pushRulesText(rules) : []
  if (refused.length === 0) return []
  return [`A ruleset of this repository refuses these, so they would be left out: ${refused.join('; ')}`]
}
