import type { GuardFinding, ReadFile } from '../change/guarded-change.ts'

/** Captures a measure of a load test, how it is compared, and its limit: `p(95)<300`. */
const LIMIT = /\b([a-z]\w{0,20}(?:\(\d{1,3}(?:\.\d{1,3})?\))?)\s*([<>]=?)\s*(\d{1,9}(?:\.\d{1,6})?)/g
const OF_LOAD =
  /['"`][^'"`]{0,60}[<>]=?\s*\d[^'"`]{0,60}['"`]|\b(?:maxResponseTime|p9[59]|maxErrorRate)\s*:\s*\d/
const LOADS = /\bfrom\s+['"]k6\b|\brequire\(\s*['"]k6\b|\bthresholds\s*:/
/** Matches what makes a test of dbt, or a rule of a data check, warn where it failed. */
const ONLY_WARNS = /^\s*\+?['"]?severity['"]?\s*:\s*['"]?warn['"]?\s*$|\bseverity\s*=\s*['"]warn['"]/
const OF_DATA =
  /^\s*(?:-\s+)?(?:unique|not_null|accepted_values|relationships|tests|data_tests|dbt_\w{1,40}\.\w{1,60})\s*:/m
/** Matches what a JSON schema asks for. */
const ASKS =
  /"(?:required|pattern|minimum|maximum|exclusiveMinimum|exclusiveMaximum|minLength|maxLength|minItems|maxItems|enum|const|format|uniqueItems|dependentRequired|multipleOf)"\s*:/g
const CLOSED = /"additionalProperties"\s*:\s*false\b/
const OPEN = /"additionalProperties"\s*:\s*true\b/
const OR_NULL = /"type"\s*:\s*\[[^\]]{0,100}"null"/
const OF_SCHEMA = /(?:^|\/)schemas?\/[^/]+\.json$|[._-]schema\.json$/

/**
 * Reports limits that are no program's and no linter's: those of load tests, of tests of data, and of JSON schemas. A schema is a
 * promise to others, so that its change is a note.
 */
export function loosenedLimits({ file, added, removed }: ReadFile): readonly GuardFinding[] {
  if (file.status !== 'modified' && file.status !== 'renamed') return []
  const path = `\`${file.path}\``
  const whole = file.bytes ? Buffer.from(file.bytes).toString('utf8') : added.join('\n')
  if (/\.[cm]?[jt]s$/.test(file.path) && LOADS.test(whole) && allowsMore({ added, removed }))
    return [{ text: `${path} lowers what the checks demand`, weight: 'reason' }]
  if (
    /\.(?:ya?ml|sql)$/.test(file.path) &&
    onlyWarns({ added, removed }) &&
    (OF_DATA.test(whole) || /\.sql$/.test(file.path))
  )
    return [{ text: `${path} lets less count as an error`, weight: 'reason' }]
  return OF_SCHEMA.test(file.path) && asksLess({ added, removed })
    ? [{ text: `${path} accepts values that it refused before`, weight: 'note' }]
    : []
}

type Sides = Pick<ReadFile, 'added' | 'removed'>

function limitsIn(lines: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    lines
      .filter((line) => OF_LOAD.test(line))
      .flatMap((line) =>
        [...line.matchAll(LIMIT)].map(
          ([, name = '', sign = '', value = '']) =>
            [`${before(line)}${name}${sign[0]}`, Number(value)] as const,
        ),
      ),
  )
}

/** The name of the metric that a line sets a limit of. */
function before(line: string): string {
  return /^\s*['"]?([\w{}:.]{1,80})['"]?\s*:/.exec(line)?.[1] ?? ''
}

function allowsMore({ added, removed }: Sides): boolean {
  const [old, now] = [limitsIn(removed), limitsIn(added)]
  return old.entries().some(([name, value]) => {
    const is = now.get(name)
    return is !== undefined && (name.endsWith('<') ? is > value : is < value)
  })
}

function onlyWarns({ added, removed }: Sides): boolean {
  const count = (lines: readonly string[]) => lines.filter((line) => ONLY_WARNS.test(line)).length
  return count(added) > count(removed)
}

function asksLess({ added, removed }: Sides): boolean {
  const count = (lines: readonly string[], pattern: RegExp) =>
    lines.reduce((sum, line) => sum + [...line.matchAll(pattern)].length, 0)
  if (count(removed, ASKS) > count(added, ASKS)) return true
  if (
    removed.some((line) => CLOSED.test(line)) &&
    (added.some((line) => OPEN.test(line)) || !added.some((line) => CLOSED.test(line)))
  )
    return true
  if (added.some((line) => OR_NULL.test(line)) && !removed.some((line) => OR_NULL.test(line))) return true
  const required = (lines: readonly string[]) =>
    new Set(lines.flatMap((line) => (/"required"/.test(line) ? (line.match(/"\w{1,80}"/g) ?? []) : [])))
  return added.some((line) => /"required"/.test(line)) && !required(removed).isSubsetOf(required(added))
}
