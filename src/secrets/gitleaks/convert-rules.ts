import { z } from 'zod'
import type { Allowed, AssignedRule, TokenRule } from '../rule.ts'
import { bounded, toJavaScript, withoutCaptures } from './go-pattern.ts'

const SOURCE = z.object({
  allowlist: z.object({ regexes: z.array(z.string()), stopwords: z.array(z.string()) }),
  rules: z.array(
    z.object({
      id: z.string(),
      regex: z.string().default(''),
      path: z.string().optional(),
      entropy: z.number().optional(),
      keywords: z.array(z.string()).default([]),
      allowlists: z
        .array(
          z.object({
            condition: z.string().optional(),
            paths: z.array(z.string()).optional(),
            regexTarget: z.enum(['match', 'line']).optional(),
            regexes: z.array(z.string()).default([]),
            stopwords: z.array(z.string()).default([]),
          }),
        )
        .default([]),
    }),
  ),
})

/** The content of `rules.json`. */
export interface GitleaksRules {
  /** The commit of gitleaks that the rules come from. */
  readonly commit: string
  /** Text that no rule takes for a secret. */
  readonly allowed: Allowed
  readonly rules: readonly (TokenRule | AssignedRule)[]
}

/**
 * Rules whose patterns search far around a keyword, or depend on a path. `own-rules.ts` has rules with the same names.
 */
const WRITTEN_BY_HAND = [
  'atlassian-api-token',
  'azure-ad-client-secret',
  'curl-auth-header',
  'curl-auth-user',
  'facebook-access-token',
  'freemius-secret-key',
  'github-app-token',
  'github-oauth',
  'github-pat',
  'github-refresh-token',
  'hashicorp-tf-password',
  'jwt',
  'kubernetes-secret-yaml',
  'microsoft-teams-webhook',
  'nuget-config-password',
  'openai-api-key',
  'pkcs12-file',
  'private-key',
  'sidekiq-sensitive-url',
  'slack-webhook-url',
  'sourcegraph-access-token',
]

/** For secrets with a keyword in the middle: how many characters come before it. */
const BEFORE_KEYWORD: Readonly<Record<string, number>> = {
  'maxmind-license-key': 36,
  'hashicorp-tf-api-token': 15,
}

/** Keywords for rules whose own keywords are not the beginning of the secret. */
const OTHER_KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  'airtable-personnal-access-token': ['pat'],
  'cloudflare-origin-ca-key': ['v1.0-'],
  'gocardless-api-token': ['gocardless'],
  'intra42-client-secret': ['s-s4t2ud-', 's-s4t2af-'],
  'lob-api-key': ['lob'],
  'lob-pub-api-key': ['lob'],
  'new-relic-browser-api-token': ['new-relic', 'newrelic', 'new_relic'],
  'new-relic-insert-key': ['new-relic', 'newrelic', 'new_relic'],
  'new-relic-user-api-key': ['new-relic', 'newrelic', 'new_relic'],
  'typeform-api-token': ['typeform'],
}

// The templates from which gitleaks generates its patterns: cmd/generate/config/utils/generate.go.
const PREFIX = String.raw`[\w.-]{0,50}?`
const AFTER_NAME = String.raw`)(?:[ \t\w.-]{0,20})[\s'"]{0,3}`
const OPERATOR = String.raw`(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}(`
const SUFFIX = String.raw`(?:[\x60'"\s;]|\\[nr]|$)`

/**
 * Converts gitleaks' rules for Backspace's matcher: splits name and value of an assignment, converts Go's syntax to
 * JavaScript's, and limits every repetition.
 *
 * @param source the parsed `gitleaks.toml`.
 * @throws if a rule has a form that is not known here. Such a rule must be written by hand.
 */
export function convertRules(source: unknown, commit: string): GitleaksRules {
  const { allowlist, rules } = SOURCE.parse(source)
  return {
    commit,
    allowed: {
      target: 'secret',
      patterns: allowlist.regexes.map(toJavaScript),
      stopwords: allowlist.stopwords,
    },
    rules: rules.filter(({ id }) => !WRITTEN_BY_HAND.includes(id)).map(convertRule),
  }
}

type SourceRule = z.infer<typeof SOURCE>['rules'][number]

function convertRule(rule: SourceRule): TokenRule | AssignedRule {
  if (rule.path !== undefined) throw new Error(`${rule.id} depends on a path`)
  const keywords = [...new Set((OTHER_KEYWORDS[rule.id] ?? rule.keywords).map((word) => word.toLowerCase()))]
  const common = {
    id: rule.id,
    name: nameOf(rule.id),
    keywords,
    entropy: rule.entropy,
    allowed: rule.allowlists.length === 0 ? undefined : rule.allowlists.flatMap(toAllowed),
  }
  const insensitive = rule.regex.startsWith('(?i)')
  const regex = insensitive ? rule.regex.slice(4) : rule.regex
  const assignment = splitAssignment(regex)
  if (assignment) {
    const { identifier, value } = assignment
    return {
      ...common,
      form: 'assigned',
      identifier: toJavaScript(identifier),
      value: withoutCaptures(value).replaceAll(/\{(\d+),\}/g, '{$1,300}'),
      ignoreCase: insensitive || undefined,
    }
  }
  if (regex.includes(AFTER_NAME)) throw new Error(`${rule.id} has an unknown form`)
  return {
    ...common,
    form: 'token',
    ...tokenPattern(regex),
    ignoreCase: insensitive || undefined,
    before: BEFORE_KEYWORD[rule.id],
  }
}

function toAllowed(list: SourceRule['allowlists'][number]): Allowed[] {
  // These apply only to certain paths.
  if (list.condition === 'AND' || (list.paths && list.regexes.length === 0)) return []
  return [
    {
      target: list.regexTarget ?? 'secret',
      patterns: list.regexes.map(toJavaScript).map(spelledApart),
      stopwords: list.stopwords,
    },
  ]
}

/** Splits the letters of a pattern, so that no scanner takes the samples that gitleaks allows for keys. */
function spelledApart(pattern: string): string {
  return pattern.replaceAll('AIza', '[A]Iza')
}

function splitAssignment(regex: string): { identifier: string; value: string } | undefined {
  const operator = regex.indexOf(OPERATOR)
  if (operator === -1 || !regex.startsWith(PREFIX) || !regex.endsWith(`)${SUFFIX}`)) return undefined
  const head = regex.slice(0, operator)
  const end = head.lastIndexOf(AFTER_NAME)
  const start = head.indexOf('(?:')
  return {
    identifier: head.slice(start + 3, end),
    value: regex.slice(operator + OPERATOR.length, -SUFFIX.length - 1),
  }
}

/**
 * gitleaks requires a quote, a space or a semicolon after a token. Here a token ends where letters and digits end, so
 * that text after it, such as `.example`, cannot excuse it.
 */
function tokenPattern(regex: string): Pick<TokenRule, 'pattern' | 'atWordStart'> {
  const body = regex
    .replace(SUFFIX, '')
    .replace(/\(\?:\[[^\]]*\]\|\\z\)$/, '')
    .replace(/\(\?:\[\\x60.*\|\\b\)$/, '')
    .replace(/\\b$/, '')
  const leads = body.startsWith('\\b')
  const goesOn = /\{\d+,\}/.test(body)
  const pattern = bounded(withoutCaptures(leads ? body.slice(2) : body))
  return { pattern: goesOn ? pattern : `${pattern}(?![A-Za-z0-9])`, atWordStart: leads || undefined }
}

const SPELLED: Readonly<Record<string, string>> = {
  api: 'API',
  aws: 'AWS',
  ci: 'CI',
  github: 'GitHub',
  gitlab: 'GitLab',
  gcp: 'Google Cloud',
  id: 'id',
  jwt: 'JSON web token',
  npm: 'npm',
  pat: 'personal access token',
  pypi: 'PyPI',
  ad: 'AD',
  ca: 'CA',
  oauth: 'OAuth',
  rrt: 'runner token',
  ptt: 'pipeline trigger token',
}

function nameOf(id: string): string {
  const words = id.split('-').map((word) => SPELLED[word] ?? word)
  const first = words[0] ?? ''
  return [
    SPELLED[id.split('-')[0] ?? ''] ?? `${first.slice(0, 1).toUpperCase()}${first.slice(1)}`,
    ...words.slice(1),
  ].join(' ')
}
