import type { GuardFinding, ReadFile } from '../change/guarded-change.ts'
import { countMatches, isGenerated } from '../change/guarded-change.ts'

/** Matches comments and attributes that silence a checker. */
const SILENCED =
  /\bdeclare module ['"]\*['"]|@ts-(?:ignore|nocheck|expect-error)|eslint-disable|oxlint-disable|biome-ignore|#\s*(?:noqa|type:\s*ignore|pyright:|pylint:\s*(?:disable|skip-file)|mypy:\s*ignore-errors|flake8:\s*noqa|ruff:\s*noqa)|\/\/\s?nolint|\/\/lint:(?:file-)?ignore|#!?\[allow\(|#!?\[expect\(|@Suppress(?:Warnings|Lint)?\b|\bNOLINT|rubocop:disable|swiftlint:disable|phpcs:(?:ignore|disable)|@phpstan-ignore|@psalm-suppress|#pragma warning disable|#nullable disable|credo:disable|standard:disable|shellcheck disable/

/**
 * Matches those that apply to more than one place or to every rule, and so hide later mistakes as well.
 * TypeScript has no rule names, so there a reason in words is enough.
 */
const BROAD =
  /\bdeclare module ['"]\*['"]|@ts-(?:nocheck|ignore(?!\S*\s+\S+\s+\S+))|eslint-disable(?!-(?:next-)?line\b)|eslint-disable-(?:next-)?line\s*(?:\*\/|$)|oxlint-disable(?!-(?:next-)?line\b)|biome-ignore-(?:all|start)|#\s*noqa\s*$|#\s*(?:flake8|ruff):\s*noqa\s*$|#\s*type:\s*ignore(?!\[)|#\s*pyright:\s*(?:ignore\s*$|basic|off)|pylint:\s*(?:skip-file|disable\s*=\s*all)|mypy:\s*ignore-errors|\/\/\s?nolint\s*(?:$|\/\/)|nolint:\s?all|\/\/lint:file-ignore|#!\[allow\(|@Suppress(?:Warnings)?\(\s*\{?\s*"all"|NOLINT(?:BEGIN)?\s*$|rubocop:disable\s+all|swiftlint:disable\s+all|phpcs:(?:ignoreFile|disable)\s*$|#pragma warning disable\s*$|#nullable disable\b/

/** Matches folders whose contents do not ship. */
const BESIDE =
  /(?:^|\/)(?:scripts?|tools?|benchmarks?|benches|examples?|codemods|docs?|website|__mocks__|playground|test-helpers)\//
const NAMES_RULE =
  /\b(?:eslint|oxlint)-disable\s+[@\w]|#!\[allow\(clippy::|rubocop:disable\s+[A-Z]\w+\/|#nullable disable\b|pylint:\s*disable=(?!all)/

/** Python: matches an import that a linter is to ignore. It can only be unused, late or out of order. */
const OF_IMPORT =
  /^\s*(?:from\s+[\w.]{1,200}\s+import\s+[\w\s,.*]{1,300}|import\s+[\w\s,.]{1,300})[(\s]*#\s*noqa\s*$/

/** True for a new file that switches off named rules only, which affects no existing line. */
function namesRules({ file, added }: ReadFile): boolean {
  return (
    file.status === 'added' && added.filter((line) => BROAD.test(line)).every((line) => NAMES_RULE.test(line))
  )
}

/**
 * Reports comments by which a change silences a linter or a type checker. In tests they hide nothing that
 * ships.
 */
export function silencedCheckers(read: ReadFile): readonly GuardFinding[] {
  const { file, role, isTest, added, removed } = read
  if (role === 'text' || file.status === 'deleted' || isGenerated(read)) return []
  const isUntyped = /\.[cm]?tsx?$/.test(file.previousPath ?? '') && /\.[cm]?jsx?$/.test(file.path)
  if (isUntyped && role === 'source' && !isTest && !BESIDE.test(file.path))
    return [{ text: `\`${file.path}\` has no types any more that a checker looks at`, weight: 'reason' }]
  if (isTest && file.status !== 'added' && silencesTypes(read))
    return [{ text: `\`${file.path}\` asserts types that no checker looks at any more`, weight: 'reason' }]
  const [now, before] = [added, removed].map((lines) => lines.map(withoutQuoted))
  if (now === undefined || before === undefined) return []
  if (countMatches(now, SILENCED) <= countMatches(before, SILENCED)) return []
  const broad = (lines: readonly string[]) =>
    lines.filter((line) => BROAD.test(line) && !OF_IMPORT.test(line)).length
  const isBroad = broad(now) > broad(before)
  const isReason = isBroad && !isTest && role === 'source' && !BESIDE.test(file.path) && !namesRules(read)
  const what =
    isBroad && !isTest ? 'silences a checker without naming one rule in one place' : 'silences a checker'
  return [{ text: `\`${file.path}\` ${what}`, weight: isReason ? 'reason' : 'note' }]
}

/**
 * The line without the contents of its string literals, since a text may quote such a comment. Quotation
 * marks inside a comment are kept.
 */
function withoutQuoted(line: string): string {
  const code = /^\s*(?:@|declare\b)/.test(line) ? '' : (CODE.exec(line)?.[0] ?? '')
  return code.replace(TEXT, '""') + line.slice(code.length)
}

const TEXT = /"(?:[^"\\]|\\.){0,1000}"|'(?:[^'\\]|\\.){0,1000}'|`(?:[^`\\]|\\.){0,1000}`/g
/** Matches the code of a line up to a comment or an unfinished text. */
const CODE =
  /^(?:[^"'`#/\\]|\/(?![/*])|"(?:[^"\\]|\\.){0,1000}"|'(?:[^'\\]|\\.){0,1000}'|`(?:[^`\\]|\\.){0,1000}`)*/

/** Matches the comment by which a test of types asserts that a line is refused. */
const REFUSES = /@ts-(?:expect-error)\b/
const CASTS = /\bas\s+(?:never|any)\b/
const TYPE_TESTS = /\.test-d\.|(?:^|\/)(?:test-d|type-?tests?|dtslint)\//
/** Matches signs of a test of types, whose only assertions are the errors of a type checker. */
const OF_TYPES = /\b(?:expect|assert)(?:Type(?:Of)?|Assignable|NotType|Error|Deprecated)\b|\btest-d\b/

function silencesTypes({ file, hunks, added, removed }: ReadFile): boolean {
  if (
    TYPE_TESTS.test(file.path) &&
    countMatches(removed, REFUSES) > countMatches(added, REFUSES) &&
    countMatches(added, CASTS) > countMatches(removed, CASTS)
  )
    return true
  const silences = (lines: readonly string[]) =>
    countMatches(lines, /@ts-(?:nocheck)\b|#\s*mypy:\s*ignore-errors/)
  if (silences(added) <= silences(removed)) return false
  const start = file.bytes ? Buffer.from(file.bytes.subarray(0, 10_000)).toString('latin1') : ''
  if (silences(added.filter((line) => /@ts-(?:nocheck)/.test(line))) > 0) return true
  return (
    OF_TYPES.test(`${file.path} ${start}`) ||
    hunks.some((lines) => lines.some(({ text }) => OF_TYPES.test(text)))
  )
}
