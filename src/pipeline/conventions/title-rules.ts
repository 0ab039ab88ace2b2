import { readToml, valueAt } from '../../checks/plans/read-manifest.ts'
import type { CommunityFile } from '../../github/community-files.ts'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'
import { readYamlTwice, yamlOrUndefined } from '../../text/parse-yaml.ts'
import {
  ASKS,
  listedWords,
  literalsAfter,
  ofCommitlint,
  ofCommitlintValue,
  type TitleRules,
} from './commitlint-rules.ts'
import { matchesPattern } from './matches-pattern.ts'

const COMMITLINT = /^(?:\.github\/)?\.?commitlint(?:rc)?(?:\.config)?(?:\.\w+)?$/
const SEMANTIC = /^\.github\/semantic\.ya?ml$/
/** Settings of tools that make release notes from the types of commits. */
const RELEASES =
  /^(?:\.czrc|\.?cz\.(?:toml|json|ya?ml)|cog\.toml|\.?release-please-config\.json|\.release-please-manifest\.json|\.releaserc(?:\.\w+)?|release\.config\.\w+|\.versionrc(?:\.\w+)?)$/
const CZ_CONFIG = /^\.?cz-config\.c?js$/
const WORKFLOW =
  /^\.github\/workflows\/[^/]*(?:semantic|title|commit|conventional|lint[-_]?pr|pr[-_]?lint|pull[-_]?request|\bpr\b)[^/]*\.ya?ml$/i
const MOST_WORKFLOWS = 4

/** The files that may hold rules for titles. @param paths every file of the base commit. */
export function titleRuleFiles(paths: readonly string[]): readonly string[] {
  const has = (pattern: RegExp) => paths.some((path) => pattern.test(path))
  const kinds = [COMMITLINT, SEMANTIC, CZ_CONFIG, RELEASES]
  return [
    ...paths.filter((path) => kinds.some((kind) => kind.test(path))).slice(0, MOST_WORKFLOWS),
    ...paths.filter((path) => WORKFLOW.test(path)).slice(0, MOST_WORKFLOWS),
    // Rules in these files only matter if a hook or pre-commit enforces them.
    ...paths.filter((path) => path === 'package.json' && has(/^\.husky\/commit-msg$/)),
    ...paths.filter((path) => path === 'pyproject.toml' && has(/^\.pre-commit-config\.yaml$/)),
  ]
}

/**
 * Joins the rules of all files; for each rule the strictest counts. No code is run: of a configuration in JavaScript, only
 * lists of texts are read.
 *
 * @returns undefined if no file has rules.
 */
export function findTitleRules(files: readonly CommunityFile[]): TitleRules | undefined {
  const found = files.map(rulesIn).filter((rules) => rules !== undefined)
  return found.length === 0 ? undefined : found.reduce(both)
}

function both(one: TitleRules, other: TitleRules): TitleRules {
  const lengths = [one.maxLength, other.maxLength].filter((length) => length !== undefined)
  return {
    types: common(one.types, other.types),
    scopes: common(one.scopes, other.scopes),
    needsScope: one.needsScope || other.needsScope,
    isLower: one.isLower ?? other.isLower,
    maxLength: lengths.length === 0 ? undefined : Math.min(...lengths),
  }
}

/** The words in both lists, or the first list if they share none. */
function common(one: readonly string[] | undefined, other: readonly string[] | undefined) {
  if (one === undefined || other === undefined) return one ?? other
  const shared = one.filter((word) => other.includes(word))
  return shared.length === 0 ? one : shared
}

function rulesIn({ path, text }: CommunityFile): TitleRules | undefined {
  if (COMMITLINT.test(path)) return ofCommitlint(text)
  if (SEMANTIC.test(path)) return ofLists(yamlOrUndefined(text))
  if (CZ_CONFIG.test(path)) return { ...ASKS, types: literalsAfter(text, 'types', 'value') }
  if (WORKFLOW.test(path)) return ofWorkflow(text)
  if (path === 'package.json') {
    const manifest = jsonOrUndefined(text)
    const config = valueAt(manifest, ['commitlint'])
    const isAsked = valueAt(manifest, ['config', 'commitizen']) !== undefined
    return config === undefined ? (isAsked ? ASKS : undefined) : ofCommitlintValue(config)
  }
  if (path === 'pyproject.toml') {
    const name = valueAt(readToml(text), ['tool', 'commitizen', 'name'])
    return name === 'cz_conventional_commits' ? ASKS : undefined
  }
  return ASKS
}

/** Reads a workflow with `amannn/action-semantic-pull-request`, whose lists are texts with one word per line. */
function ofWorkflow(text: string): TitleRules | undefined {
  if (!/semantic-pull-request|commitlint|action-conventional-commits/.test(text)) return undefined
  const jobs = valueAt(workflowOrUndefined(text), ['jobs'])
  const steps = Object.values(typeof jobs === 'object' && jobs !== null ? jobs : {}).flatMap(
    (job: unknown): readonly unknown[] => {
      const found = valueAt(job, ['steps'])
      return Array.isArray(found) ? found : []
    },
  )
  const step = steps.find((one) => /semantic-pull-request/.test(String(valueAt(one, ['uses']))))
  if (step === undefined) return ASKS
  return ofLists(valueAt(step, ['with']))
}

function ofLists(value: unknown): TitleRules {
  const pattern = valueAt(value, ['subjectPattern'])
  const fits = (subject: string) =>
    typeof pattern === 'string'
      ? matchesPattern({ operator: 'regex', pattern: `^${pattern}$`, negate: false }, subject)
      : undefined
  const [lower, upper] = [fits('trim the name'), fits('Trim the name')]
  return {
    types: listedWords(valueAt(value, ['types'])),
    scopes: listedWords(valueAt(value, ['scopes'])),
    needsScope: [true, 'true'].includes(valueAt(value, ['requireScope']) as string | boolean),
    isLower: lower === upper ? undefined : lower === true,
  }
}

function workflowOrUndefined(text: string): unknown {
  try {
    return readYamlTwice(text)[0]
  } catch {
    return undefined
  }
}
