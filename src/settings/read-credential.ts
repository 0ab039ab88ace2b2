import type { CompatibleVariable } from '../models/compatible/compatible-variables.ts'
import type { SettingsReader } from './settings-reader.ts'

type CredentialName =
  | 'ANTHROPIC_API_KEY'
  | 'OPENAI_API_KEY'
  | 'E2B_API_KEY'
  | 'LANGSMITH_API_KEY'
  | 'GITHUB_PAT'

/** Which provider a key belongs to, by how the key begins. The first match counts. */
const OWNERS: readonly { readonly start: RegExp; readonly who: string; readonly name: CredentialName }[] = [
  { start: /^sk-ant-/, who: 'Anthropic', name: 'ANTHROPIC_API_KEY' },
  { start: /^sk-/, who: 'OpenAI', name: 'OPENAI_API_KEY' },
  { start: /^e2b_/, who: 'E2B', name: 'E2B_API_KEY' },
  { start: /^(lsv2_|ls__)/, who: 'LangSmith', name: 'LANGSMITH_API_KEY' },
  { start: /^(gh[oprsu]_|github_pat_)/, who: 'GitHub', name: 'GITHUB_PAT' },
]
/** A placeholder from an example. */
const TEMPLATE =
  /^[<[{(].*[>\]})]$|(?:^|[-_ ])your[-_ ]|[-_ ]here$|change[-_]?me|replace[-_]?me|placeholder|\.{3}|…|\*{3}/i
/** What people write where a key is required. Gateways and local servers often accept that. */
const FILLER =
  /(.)\1{9}|^x+$|^(?:none|null|undefined|todo|tbd|secret|password|test|dummy|example|key|token)$/i

/**
 * Reads a provider's key. A problem with it is reported without repeating the key.
 *
 * @param options.elsewhere whether the provider's address was replaced. Gateways and self-hosted servers take keys of
 * any form.
 */
export function readCredential(
  reader: SettingsReader,
  name: CredentialName | CompatibleVariable,
  options: { readonly elsewhere?: boolean } = {},
): string | undefined {
  const key = reader.get(name)
  if (key === undefined) return undefined
  const owner = OWNERS.find(({ start }) => start.test(key))
  if (TEMPLATE.test(key) || (!options.elsewhere && FILLER.test(key))) {
    reader.problem(`${name} is a placeholder. Put the real one in its place, or leave the variable empty.`)
  } else if (!/^[\x21-\x7e]+$/.test(key)) {
    reader.problem(`${name} has a space or a letter in it that no key has. Copy it again.`)
  } else if (owner && owner.name !== name && !options.elsewhere) {
    reader.problem(`${name} holds a key of ${owner.who}. Move it to ${owner.name}.`)
  }
  return key
}
