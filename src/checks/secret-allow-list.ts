import { z } from 'zod'
import { SECRET_RULE_IDS } from '../secrets/match-rules.ts'
import { MAX_YAML_CHARACTERS, parseYaml } from '../text/parse-yaml.ts'
import { createPathGlob } from '../text/path-glob.ts'

/** Findings that a repository declares to be no secrets: `secrets.allow` in its settings file at the base commit. */
export interface SecretAllowList {
  /** Path of the settings file, for people; undefined if the repository has none. */
  readonly source: string | undefined
  /** Whether a finding of this rule in this file is allowed. */
  readonly allows: (found: { readonly path: string; readonly rule: string }) => boolean
  /** Sentences on entries that were ignored. They allow nothing. */
  readonly problems: readonly string[]
}

export const ALLOWS_NOTHING: SecretAllowList = { source: undefined, allows: () => false, problems: [] }

/** More or longer patterns and paths would take too long to compare, and honest files do not have them. */
const MAX_ENTRIES = 50
const MAX_PATTERN = 200
const MAX_PATH = 1000

const entrySchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(MAX_PATTERN)
    .refine((path) => !/^\/|\\|(?:^|\/)\.{1,2}(?:\/|$)/.test(path)),
  rule: z.string().refine((id) => SECRET_RULE_IDS.has(id)),
})
const fileSchema = z.object({
  secrets: z.strictObject({ allow: z.array(z.unknown()).nullish() }).nullish(),
})

/**
 * Reads the text of `.github/backspace.yml`. Each entry names one path pattern and one rule, so that nothing is allowed
 * by accident; a mistake in an entry is reported, and the entry allows nothing.
 *
 * @param source the path of the file, for people.
 */
export function parseSecretAllowList(text: string, source: string): SecretAllowList {
  const ignored = (what: string) => ({
    ...ALLOWS_NOTHING,
    source,
    problems: [`\`secrets.allow\` in \`${source}\` was ignored: ${what}.`],
  })
  if (text.length > MAX_YAML_CHARACTERS)
    return ignored(`the file is larger than ${MAX_YAML_CHARACTERS / 1024} KiB`)
  const parsed = fileSchema.safeParse(readYaml(text))
  if (!parsed.success) {
    return ignored('it must be a list of entries with `path` and `rule`')
  }
  const entries = parsed.data.secrets?.allow ?? []
  if (entries.length > MAX_ENTRIES) return ignored(`it has more than ${MAX_ENTRIES} entries`)
  const read = entries.map((entry) => entrySchema.safeParse(entry))
  const allowed = read.flatMap(({ data }) =>
    data === undefined ? [] : [{ rule: data.rule, matches: createPathGlob(data.path) }],
  )
  const broken = read.flatMap(({ success }, index) => (success ? [] : [index + 1]))
  return {
    source,
    allows: ({ path, rule }) =>
      path.length <= MAX_PATH && allowed.some((entry) => entry.rule === rule && entry.matches(path)),
    problems: broken.map(
      (number) =>
        `Entry ${number} of \`secrets.allow\` in \`${source}\` allows nothing: it needs \`path\`, a pattern such as \`test/fixtures/**\`, and \`rule\`, the id of one rule as Backspace shows it, such as \`jwt\`, and no other key.`,
    ),
  }
}

/** Undefined, which no schema accepts, for text that is not YAML. */
function readYaml(text: string): unknown {
  try {
    return parseYaml(text) ?? {}
  } catch {
    return undefined
  }
}
